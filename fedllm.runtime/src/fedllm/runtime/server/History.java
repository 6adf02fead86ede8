package fedllm.runtime.server;

import fedllm.api.run.QuarantineView;
import fedllm.api.run.RoundView;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Transport;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Json;
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

/** What the control topic says of the runs so far. */
final class History {

  private static final Logger LOG = LoggerFactory.getLogger(History.class);

  /** One run's past. */
  static final class Past {
    final Event.Submitted job;
    final Map<Integer, Event.Recorded> rounds = new TreeMap<>();
    Set<String> clients = Set.of();
    int attempts;
    Event.Said said;

    Past(Event.Submitted job) {
      this.job = job;
    }

    boolean ended() {
      return said != null && said.state().ended();
    }
  }

  private final Map<String, Past> runs = new LinkedHashMap<>();
  private final Map<String, String> keys = new LinkedHashMap<>();
  private final Deque<QuarantineView> quarantined = new ArrayDeque<>();

  private History() {}

  /** Reads the topic from its beginning to its present end. */
  static History read(Transport transport, String topic) {
    History history = new History();
    try (Receiver receiver = transport.receiver()) {
      receiver.follow(topic, 0);
      long end = receiver.end(topic);
      long next = 0;
      for (int quiet = 0; next < end && quiet < 100; quiet++) {
        for (Record record : receiver.poll(100)) {
          history.take(record);
          next = record.offset() + 1;
          quiet = 0;
        }
      }
    }
    return history;
  }

  private void take(Record record) {
    Event event;
    try {
      event = Json.read(Event.class, record.body());
    } catch (IOException e) {
      LOG.warn("{}@{} is not understood and passed over", record.topic(), record.offset(), e);
      return;
    }
    if (event instanceof Event.Pinned pinned) {
      keys.putIfAbsent(pinned.silo(), pinned.key());
    } else if (event instanceof Event.Submitted submitted) {
      runs.put(submitted.run(), new Past(submitted));
    } else if (event instanceof Event.Ordered ordered) {
      Past past = runs.get(ordered.attempt().run());
      past.attempts = Math.max(past.attempts, ordered.attempt().number());
      past.clients = ordered.clients().keySet();
    } else if (event instanceof Event.Recorded recorded) {
      RoundView round = recorded.round();
      runs.get(recorded.run()).rounds.put(round.number(), recorded);
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
}
