package fedllm.runtime.message;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import fedllm.api.planner.Task;
import fedllm.api.run.QuarantineView;
import fedllm.api.run.ResultView;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An event of the control topic. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Event.Leads.class, name = "leads"),
  @JsonSubTypes.Type(value = Event.Pinned.class, name = "pinned"),
  @JsonSubTypes.Type(value = Event.Submitted.class, name = "submitted"),
  @JsonSubTypes.Type(value = Event.Ordered.class, name = "ordered"),
  @JsonSubTypes.Type(value = Event.Closed.class, name = "closed"),
  @JsonSubTypes.Type(value = Event.Recorded.class, name = "recorded"),
  @JsonSubTypes.Type(value = Event.Measured.class, name = "measured"),
  @JsonSubTypes.Type(value = Event.Said.class, name = "said"),
  @JsonSubTypes.Type(value = Event.Quarantined.class, name = "quarantined")
})
public sealed interface Event {

  /**
   * A server leads from now on, in a term of its own; silos introduce themselves. What a server of
   * an earlier term appends after this counts for nobody ({@link Terms}).
   *
   * @param node the server's name
   */
  record Leads(String node, long term, long startedMs) implements Event {}

  /** A silo was heard of for the first time: what it signs with is by this key from now on. */
  record Pinned(String silo, String key) implements Event {}

  /**
   * A job was taken.
   *
   * @param silos who was here then
   */
  record Submitted(String run, String source, String job, List<String> silos) implements Event {}

  /**
   * Clients are asked.
   *
   * @param clients what each is asked for, and who still works on what it was asked before
   * @param broadcast where the global state lies, or null where there is none yet
   * @param state where it lies as it is, for a server that has no file of it; null as above
   * @param memory where lies what the server's plugins remember; null where they remember nothing
   * @param base the base model's fingerprint, or empty while nobody knows it
   * @param plugins the versions to use, by {@code kind/name}
   * @param rounds how many rounds the protocol plans; 0 where it does not know
   */
  record Ordered(
      Attempt attempt,
      Map<String, Asked> clients,
      Broadcast broadcast,
      Kept state,
      Kept memory,
      String base,
      Map<String, String> plugins,
      int rounds)
      implements Event {}

  /**
   * What one client is asked for.
   *
   * @param counted the round that asked for its last update that counted, 0 for none: the round
   *     whose private state it goes on from
   * @param from where its topic ended when it was asked: what it answers comes after
   * @param still the order that it still works on, and answers; null where it is this one
   */
  record Asked(
      Set<Task> tasks, Map<String, Object> settings, int counted, long from, Earlier still) {

    /** Something new. */
    public Asked(Set<Task> tasks, Map<String, Object> settings, int counted, long from) {
      this(tasks, settings, counted, from, null);
    }

    /** The same, asked by an earlier order. */
    public Asked by(Earlier order) {
      return new Asked(tasks, settings, counted, from, order);
    }
  }

  /**
   * An order before the newest.
   *
   * @param broadcast the offset of its global state in the broadcast topic
   */
  record Earlier(Attempt attempt, long broadcast) {}

  /** Where a global state lies in the broadcast topic. */
  record Broadcast(int round, long offset, int chunks, long bytes, String sha256) {}

  /** Bytes that lie in the log as consecutive chunks of one topic. */
  record Kept(String topic, long offset, int chunks, long bytes, String sha256) {}

  /**
   * A round closed with these members, and nothing later changes that.
   *
   * @param late who goes on with what it was asked, because its update may count in a later round
   */
  record Closed(
      Attempt attempt,
      Map<String, Counted> members,
      Map<String, String> absent,
      double seconds,
      Set<String> late)
      implements Event {
    public Closed {
      late = late == null ? Set.of() : Set.copyOf(late); // earlier versions do not say
    }
  }

  /**
   * An update that counts.
   *
   * @param begin where its BEGIN lies in its silo's topic
   */
  record Counted(long examples, long begin) {}

  /** What a client measured of the state that a round ended with. */
  record Measured(String run, int round, String client, Map<String, Double> metrics)
      implements Event {}

  /**
   * A global state was made.
   *
   * @param files what belongs beside the result; round 0 alone has them
   * @param memory the SHA-256 of what the server's plugins remember with it; empty for nothing
   */
  record Recorded(
      String run, RoundView round, String base, Map<String, String> files, String memory)
      implements Event {}

  /** Something that a silo sent does not count. */
  record Quarantined(QuarantineView what) implements Event {}

  /** A run changed what it does. */
  record Said(String run, RunState state, String says, ResultView result, List<String> by)
      implements Event {}
}
