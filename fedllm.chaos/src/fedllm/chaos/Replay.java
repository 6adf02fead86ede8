package fedllm.chaos;

import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.planner.Planner;
import fedllm.api.protocol.RoundProtocol;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.cli.methods.PluginJars;
import fedllm.cli.node.Workspace;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Json;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Terms;
import fedllm.runtime.message.Topics;
import fedllm.runtime.message.Word;
import fedllm.runtime.plugin.FixedPlugins;
import fedllm.runtime.server.Server;
import fedllm.testkit.transport.MemoryBroker;
import fedllm.testkit.transport.MemoryTransport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Makes every state of a run again from what was recorded of it: for each round a server without
 * any file is given the log as it was when the round had closed, folds it, and says the hash.
 */
final class Replay {

  private static final long PATIENCE_SECONDS = 120;

  private final Topics topics;
  private final List<String> silos;
  private final Recorder recorder;
  private final Path folder;

  /** The folder takes the states that are made. */
  Replay(Topics topics, List<String> silos, Recorder recorder, Path folder) {
    this.topics = topics;
    this.silos = silos;
    this.recorder = recorder;
    this.folder = folder;
  }

  /** The hash of each round's state of a run, as it is made again; empty where none is. */
  SortedMap<Integer, String> hashes(String run) throws IOException {
    SortedMap<Integer, String> hashes = new TreeMap<>();
    try (PluginJars jars = new PluginJars(Workspace.here().plugins())) {
      FixedPlugins plugins =
          new FixedPlugins(
              jars.named(AggregationStrategy.class, "fedavg"),
              jars.named(ServerOptimizer.class, "fedadam"),
              jars.named(Planner.class, "everyone"),
              jars.named(RoundProtocol.class, "synchronous"));
      List<Record> control = recorder.of(topics.control());
      Terms terms = new Terms();
      for (int i = 0; i < control.size(); i++) {
        Event event = event(control.get(i));
        if (terms.counts(control.get(i), event)
            && event instanceof Event.Closed closed
            && closed.attempt().run().equals(run)) {
          int round = closed.attempt().round();
          hashes.put(round, again(run, round, control.subList(0, i + 1), terms.node(), plugins));
        }
      }
    }
    return hashes;
  }

  private String again(
      String run, int round, List<Record> control, String leader, FixedPlugins plugins)
      throws IOException {
    MemoryBroker broker = new MemoryBroker();
    control.forEach(broker::put);
    recorder.of(topics.broadcast()).forEach(broker::put);
    recorder.of(topics.state()).forEach(broker::put);
    for (String silo : silos) {
      for (Record record : recorder.of(topics.silo(silo))) {
        if (round(run, record) > round) {
          break;
        }
        broker.put(record);
      }
    }
    long closed = control.get(control.size() - 1).offset();
    Path state = folder.resolve(run + "-" + round);
    try (Server server =
        new Server( // of the same name: it takes over at once
            topics.federation(),
            leader,
            true,
            state,
            1 << 24,
            new MemoryTransport(broker),
            plugins,
            List::of)) {
      Thread thread = new Thread(() -> server.run(), "replay");
      thread.setDaemon(true);
      thread.start();
      return recorded(run, round, new MemoryTransport(broker), closed).orElse("");
    }
  }

  private Optional<String> recorded(String run, int round, MemoryTransport log, long after)
      throws IOException {
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    try (Receiver receiver = log.receiver()) {
      receiver.follow(topics.control(), after + 1);
      while (System.nanoTime() < until) {
        for (Record record : receiver.poll(50)) {
          if (event(record) instanceof Event.Recorded recorded
              && recorded.run().equals(run)
              && recorded.round().number() == round) {
            return Optional.of(recorded.round().sha256());
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Event event(Record record) throws IOException {
    return Json.read(Event.class, record.body().duplicate());
  }

  /** Of which round of a run a silo's record is; -1 for what belongs to none. */
  private static int round(String run, Record record) {
    if (Post.CHUNK.equals(record.headers().get(Post.KIND))) {
      return run.equals(record.headers().get("run"))
          ? Integer.parseInt(record.header("round"))
          : -1;
    }
    try {
      Attempt attempt = attempt(Json.read(Word.class, record.body().duplicate()));
      return attempt != null && attempt.run().equals(run) ? attempt.round() : -1;
    } catch (IOException e) {
      throw new UncheckedIOException(record.topic() + "@" + record.offset() + " is no JSON", e);
    }
  }

  private static Attempt attempt(Word word) {
    if (word instanceof Word.Begin begin) {
      return begin.attempt();
    }
    if (word instanceof Word.Manifest manifest) {
      return manifest.attempt();
    }
    if (word instanceof Word.Report report) {
      return report.attempt();
    }
    return word instanceof Word.Out out ? out.attempt() : null;
  }
}
