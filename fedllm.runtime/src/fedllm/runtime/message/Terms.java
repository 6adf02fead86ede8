package fedllm.runtime.message;

import fedllm.api.transport.Record;

/**
 * Which events of the control topic count. One server leads in a term, which it begins by {@link
 * Event.Leads}; the log decides who was first. What a server appends after another one took over,
 * because nobody told it yet, counts for nobody: every reader passes it over by this rule. One
 * thread.
 */
public final class Terms {

  /** The header of every event that says in which term it was written. */
  public static final String TERM = "term";

  private long term;
  private String node = "";
  private long began = -1;

  /** Takes the next event of the topic; answers whether it counts. */
  public boolean counts(Record record, Event event) {
    if (event instanceof Event.Leads leads) {
      if (leads.term() <= term) {
        return false;
      }
      term = leads.term();
      node = leads.node();
      began = record.offset();
      return true;
    }
    return Long.toString(term).equals(record.headers().get(TERM));
  }

  /** The present term; 0 before the first. */
  public long term() {
    return term;
  }

  /** The offset of the event that began the present term; -1 before the first. */
  public long began() {
    return began;
  }

  /** Who leads; empty before the first term. */
  public String node() {
    return node;
  }
}
