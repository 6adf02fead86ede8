package fedllm.chaos;

import fedllm.api.error.Unreachable;
import fedllm.api.run.RunState;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Transport;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Json;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Terms;
import fedllm.runtime.message.Topics;
import fedllm.runtime.message.Word;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the log says of the run that was submitted last, read as silos and servers do. */
final class RunLog implements AutoCloseable {

  private final Receiver receiver;
  private final Topics topics;
  private final Terms terms = new Terms();
  private final List<Long> untilAnsweredNs = new ArrayList<>();
  private final SortedMap<Integer, String> hashes = new TreeMap<>();
  private String run = "";
  private RunState state = RunState.RUNNING;
  private String says = "";
  private int lastClosed;
  private RoundLog round;
  private Unreachable away;
  private final Map<Attempt, RoundLog> rounds = new HashMap<>();

  /** Reads from now on; the topics must be there. */
  RunLog(Transport transport, Topics topics, List<String> silos) {
    this.topics = topics;
    receiver = transport.receiver(1); // more at once would hide what came between
    receiver.follow(topics.control(), 0);
    silos.forEach(silo -> receiver.follow(topics.silo(silo), 0));
  }

  /** Takes in what comes within a time. */
  void read(long timeoutMs) {
    try {
      receiver.poll(timeoutMs).forEach(this::take);
      away = null;
    } catch (Unreachable e) {
      away = e; // the broker may be the victim: the next look tries again
    }
  }

  /** What is said of a round may be read before its order, which lies in another topic. */
  private RoundLog of(Attempt attempt) {
    return rounds.computeIfAbsent(attempt, RoundLog::new);
  }

  private void take(Record record) {
    try {
      if (record.topic().equals(topics.control())) {
        Event event = Json.read(Event.class, record.body());
        if (terms.counts(record, event)) {
          take(event);
        }
      } else {
        answer(topics.siloOf(record.topic()), record);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(record.topic() + "@" + record.offset() + " is no JSON", e);
    }
  }

  private void take(Event event) {
    if (event instanceof Event.Submitted submitted) {
      run = submitted.run();
      state = RunState.RUNNING;
      says = "";
      lastClosed = 0;
      round = null;
      hashes.clear();
      untilAnsweredNs.clear();
    } else if (event instanceof Event.Ordered ordered && ordered.attempt().run().equals(run)) {
      round = of(ordered.attempt());
      round.order(ordered.clients().keySet(), System.nanoTime());
    } else if (event instanceof Event.Closed closed && isOpen(closed)) {
      round.close();
      lastClosed = closed.attempt().round();
    } else if (event instanceof Event.Recorded recorded && recorded.run().equals(run)) {
      hashes.merge(
          recorded.round().number(),
          recorded.round().sha256(),
          (old, other) -> old.equals(other) ? old : old + " and " + other);
      if (round != null && round.attempt().round() == recorded.round().number()) {
        round.record();
      }
    } else if (event instanceof Event.Said said && said.run().equals(run)) {
      state = said.state();
      says = said.says();
    }
  }

  private boolean isOpen(Event.Closed closed) {
    return round != null && closed.attempt().equals(round.attempt());
  }

  private void answer(String silo, Record record) throws IOException {
    if (Post.CHUNK.equals(record.headers().get(Post.KIND))) {
      Map<String, String> headers = record.headers();
      of(new Attempt(
              headers.get("run"),
              Integer.parseInt(headers.get("round")),
              Integer.parseInt(headers.get("attempt"))))
          .chunk(silo);
      return;
    }
    Word word = Json.read(Word.class, record.body());
    if (word instanceof Word.Begin begin) {
      if (round == of(begin.attempt()) && round.begun().isEmpty()) {
        untilAnsweredNs.add(System.nanoTime() - round.orderedNs());
      }
      of(begin.attempt()).begin(silo);
    } else if (word instanceof Word.Manifest manifest) {
      of(manifest.attempt()).manifest(silo);
    }
  }

  /** The run that was submitted last; empty before the first. */
  String run() {
    return run;
  }

  RunState state() {
    return state;
  }

  /** Why it is so. */
  String says() {
    return says.isEmpty() && away != null ? away.getMessage() : says;
  }

  /** The server that leads. */
  String leader() {
    return terms.node();
  }

  /** The round that was ordered last; null before the first. */
  RoundLog round() {
    return round;
  }

  /** The last round that was closed. */
  int lastClosed() {
    return lastClosed;
  }

  /** The states that were recorded, by round. */
  SortedMap<Integer, String> hashes() {
    return hashes;
  }

  /** The usual time from an order to the first answer. */
  long untilAnsweredNs() {
    return untilAnsweredNs.stream().sorted().toList().get(untilAnsweredNs.size() / 2);
  }

  @Override
  public void close() {
    receiver.close();
  }
}
