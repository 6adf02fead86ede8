package fedllm.runtime.server;

import fedllm.api.run.QuarantineView;
import fedllm.api.run.RoundView;
import fedllm.api.transport.Record;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Json;
import fedllm.runtime.message.Terms;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the control topic says of the runs so far: the events that count, in their order. */
final class History {

  private static final Logger LOG = LoggerFactory.getLogger(History.class);

  /** Orders and closings older than this many rounds are not gone back to. */
  private static final int ROUNDS_BACK = 3;

  /** One run's past. */
  static final class Past {
    final Event.Submitted job;
    final TreeMap<Integer, Event.Recorded> rounds = new TreeMap<>();
    private final TreeMap<Integer, Event.Ordered> orders = new TreeMap<>();
    private final TreeMap<Integer, Event.Closed> closings = new TreeMap<>();
    Set<String> clients;
    int attempts;
    Event.Said said;

    Past(Event.Submitted job) {
      this.job = job;
      this.clients = Set.copyOf(job.silos());
    }

    boolean ended() {
      return said != null && said.state().ended();
    }

    /** The newest order of a round; null where there is none, or it is long ago. */
    Event.Ordered order(int round) {
      return orders.get(round);
    }

    /** How a round's newest order was closed; null where it was not. */
    Event.Closed closing(int round) {
      return closings.get(round);
    }

    private void take(Event.Ordered ordered) {
      int round = ordered.attempt().round();
      attempts = Math.max(attempts, ordered.attempt().number());
      if (round > 0) {
        clients = ordered.clients().keySet();
      }
      orders.put(round, ordered);
      closings.remove(round); // a round that is asked for again
      orders.headMap(round - ROUNDS_BACK).clear();
      closings.headMap(round - ROUNDS_BACK).clear();
    }

    private void take(Event.Measured measured) {
      Event.Recorded old = rounds.get(measured.round());
      if (old != null) {
        Map<String, Map<String, Double>> metrics = new TreeMap<>(old.round().metrics());
        metrics.put(measured.client(), measured.metrics());
        RoundView round = Ledger.measured(old.round(), metrics);
        rounds.put(
            measured.round(),
            new Event.Recorded(old.run(), round, old.base(), old.files(), old.memory()));
      }
    }
  }

  private final Map<String, Past> runs = new LinkedHashMap<>();
  private final Map<String, String> keys = new LinkedHashMap<>();
  private final Deque<QuarantineView> quarantined = new ArrayDeque<>();
  private final Map<String, Long> siloEnds = new TreeMap<>();
  private final Terms terms = new Terms();

  /** Takes the topic's next record. */
  void take(Record record) {
    Event event;
    try {
      event = Json.read(Event.class, record.body());
    } catch (IOException e) {
      LOG.warn("{}@{} is not understood and passed over", record.topic(), record.offset(), e);
      return;
    }
    if (!terms.counts(record, event)) {
      LOG.info("{}@{} was written by a server that led no more", record.topic(), record.offset());
      return;
    }
    if (event instanceof Event.Pinned pinned) {
      keys.putIfAbsent(pinned.silo(), pinned.key());
    } else if (event instanceof Event.Submitted submitted) {
      runs.put(submitted.run(), new Past(submitted));
    } else if (event instanceof Event.Ordered ordered) {
      runs.get(ordered.attempt().run()).take(ordered);
    } else if (event instanceof Event.Closed closed) {
      runs.get(closed.attempt().run()).closings.put(closed.attempt().round(), closed);
    } else if (event instanceof Event.Recorded recorded) {
      runs.get(recorded.run()).rounds.put(recorded.round().number(), recorded);
    } else if (event instanceof Event.Measured measured) {
      runs.get(measured.run()).take(measured);
    } else if (event instanceof Event.Said said) {
      runs.get(said.run()).said = said;
    } else if (event instanceof Event.Quarantined q) {
      quarantined.add(q.what());
      if (quarantined.size() > Quarantine.MOST) {
        quarantined.remove();
      }
    }
  }

  /** What did not count, oldest first. */
  Collection<QuarantineView> quarantined() {
    return quarantined;
  }

  /** The key of each silo that was ever heard of. */
  Map<String, String> keys() {
    return keys;
  }

  /** All runs, oldest first. */
  Map<String, Past> runs() {
    return runs;
  }

  /** Where the topics of silos ended when this server began its term. */
  Map<String, Long> siloEnds() {
    return siloEnds;
  }

  /** Who led when. */
  Terms terms() {
    return terms;
  }
}
