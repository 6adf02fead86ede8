package fedllm.runtime.server;

import fedllm.api.error.Unreachable;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Terms;
import fedllm.runtime.message.Topics;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a server comes to lead. It reads the control topic, and stands by as long as another one
 * beats. It begins a term by saying so there: the log decides which of two that do so at a time was
 * first. When a server starts, one of the same name is an earlier life of it, and is not waited
 * for. One thread.
 */
final class Succession {

  private static final Logger LOG = LoggerFactory.getLogger(Succession.class);
  private static final long LOOK_MS = 250;

  /** A broker that is there answers within this. */
  private static final long ANSWER_MS = 2000;

  private final String node;
  private final boolean starts;
  private final Topics topics;
  private final Transport transport;
  private final long lostMs;
  private final History history = new History();
  private long silentSinceNs = System.nanoTime();
  private boolean resigned;

  /**
   * Of a server that leads nobody yet.
   *
   * @param starts whether this server was not deposed before
   * @param lostMs how long nothing may be heard of the one who leads
   */
  Succession(String node, boolean starts, Topics topics, Transport transport, long lostMs) {
    this.node = node;
    this.starts = starts;
    this.topics = topics;
    this.transport = transport;
    this.lostMs = lostMs;
  }

  /**
   * Waits until this server leads.
   *
   * @param receiver follows the control topic from then on, right behind the event that began the
   *     term
   * @return what the log said until then; null when {@code closed} became true
   */
  History await(Receiver receiver, BooleanSupplier closed) {
    receiver.follow(topics.leader(), receiver.end(topics.leader()));
    receiver.follow(topics.control(), 0);
    long end = receiver.end(topics.control());
    long next = 1;
    // Offsets have gaps, so that the last may never come. What was not read yet does no harm: a
    // term that begins too early does not count.
    while (next > 0 && next < end && !closed.getAsBoolean()) {
      next = read(receiver);
    }
    Terms terms = history.terms();
    boolean mine = terms.term() == 0 || (starts && terms.node().equals(node));
    if (!mine) {
      LOG.info("stands by for {}, who leads in term {}", terms.node(), terms.term());
    }
    while (!closed.getAsBoolean()) {
      if (mine || resigned || isSilent()) {
        silosEnds(receiver);
        long began = begin();
        while (!closed.getAsBoolean() && read(receiver) <= began) {
          // until the log gives the event back
        }
        if (terms.began() == began) {
          receiver.unfollow(topics.leader());
          return history;
        }
        LOG.info("stands by for {}, who was first in term {}", terms.node(), terms.term());
        mine = false;
        resigned = false;
        silentSinceNs = System.nanoTime();
      }
      read(receiver);
    }
    return null;
  }

  /** Who hears of the new term says anew that it is there, after this. */
  private void silosEnds(Receiver receiver) {
    for (String topic : transport.topics(topics.silos())) {
      history.siloEnds().put(topic, receiver.end(topic));
    }
  }

  private long begin() {
    try (Sender sender = transport.sender()) {
      long term = history.terms().term() + 1;
      return new Post(sender, term)
          .event(topics.control(), new Event.Leads(node, term, System.currentTimeMillis()));
    }
  }

  /** Reads on; answers the offset after the last event that was read, or 0 for none. */
  private long read(Receiver receiver) {
    long next = 0;
    for (Record record : receiver.poll(LOOK_MS)) {
      if (record.topic().equals(topics.control())) {
        history.take(record);
        next = record.offset() + 1;
      } else if (Long.toString(history.terms().term()).equals(record.headers().get(Terms.TERM))) {
        silentSinceNs = System.nanoTime();
        resigned = Heartbeat.GONE.equals(record.headers().get(Post.KIND));
      }
    }
    return next;
  }

  /** Whether the leader is silent; a broker that is away says nothing about that. */
  private boolean isSilent() {
    long askedNs = System.nanoTime();
    if (askedNs - silentSinceNs < lostMs * 1_000_000) {
      return false;
    }
    try {
      var unused = transport.topics(topics.leader());
      if (System.nanoTime() - askedNs < ANSWER_MS * 1_000_000) {
        LOG.warn("nothing is heard of {} any more; {} takes over", history.terms().node(), node);
        return true;
      }
    } catch (Unreachable e) {
      LOG.debug("the broker is away", e);
    }
    silentSinceNs = System.nanoTime(); // it came back only now
    return false;
  }
}
