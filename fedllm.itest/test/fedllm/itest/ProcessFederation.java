package fedllm.itest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Refused;
import fedllm.api.error.Unreachable;
import fedllm.api.run.RunView;
import fedllm.api.run.SiloView;
import fedllm.cli.broker.Broker;
import fedllm.cli.job.Job;
import fedllm.cli.job.LocalSilo;
import fedllm.cli.node.Node;
import fedllm.cli.node.NodeSpec;
import fedllm.cli.node.PluginFolder;
import fedllm.cli.node.ShellClient;
import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** A broker, a server and silos as processes that a test may kill and start again. */
final class ProcessFederation implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path work;
  private final Path plugins;
  private final Job job;
  private final Broker broker;
  private final Map<String, NodeSpec> specs = new HashMap<>();
  private final Map<String, Node> nodes = new HashMap<>();
  private String leader = "server";

  ProcessFederation(Job job, Path work) throws IOException {
    this(job, work, Broker.start(work.resolve("broker")));
    String bootstrap = "bootstrap.servers=" + broker.bootstrap() + "\n";
    start(name -> Files.writeString(work.resolve("kafka.properties"), bootstrap));
  }

  /** What a node needs to enter, in a file. */
  interface Key {
    Path of(String node) throws IOException;
  }

  /** Nodes that enter each by a key of its own; {@link #start(Key)} starts them. */
  ProcessFederation(Job job, Path work, Broker broker) throws IOException {
    this.job = job;
    this.work = work;
    this.plugins = PluginFolder.filled(work.resolve("plugins"), Workspace.here());
    this.broker = broker;
  }

  /** Starts all nodes. */
  void start(Key key) throws IOException {
    add("server", null, key.of("server"));
    for (LocalSilo silo : job.silos()) {
      Path yaml = work.resolve(silo.name() + ".yaml");
      silo.writeYaml(yaml, job);
      add(silo.name(), yaml, key.of(silo.name()));
    }
    specs.keySet().forEach(this::start);
  }

  private void add(String name, Path silo, Path kafka) {
    Path sockets = work.resolve("shells");
    specs.put(
        name,
        new NodeSpec(
            silo == null ? "server" : "silo",
            job.federation(),
            name,
            work.resolve(name),
            plugins,
            kafka,
            silo,
            sockets.resolve(name + ".sock"),
            true));
  }

  Broker broker() {
    return broker;
  }

  /** Starts a node, with the state that it left. */
  void start(String name) {
    nodes.put(name, Node.start(specs.get(name), Workspace.here()));
  }

  /** All that a node ever logged. */
  String log(String name) throws IOException {
    return Files.readString(nodes.get(name).log());
  }

  ProcessHandle process(String name) {
    return nodes.get(name).process();
  }

  void kill9(String name) {
    process(name).destroyForcibly();
    process(name).onExit().join();
  }

  /** Sends a signal, such as STOP. */
  void signal(String name, String signal) throws IOException, InterruptedException {
    String pid = Long.toString(process(name).pid());
    new ProcessBuilder("kill", "-" + signal, pid).inheritIO().start().waitFor();
  }

  /** Starts who is dead, and wakes who was stopped. */
  void revive() throws IOException, InterruptedException {
    for (String name : specs.keySet()) {
      if (process(name).isAlive()) {
        signal(name, "CONT");
      } else {
        start(name);
      }
    }
  }

  String submit() throws IOException {
    Path file = work.resolve("job.yaml");
    Files.writeString(file, job.submission().asWritten());
    String answer = ask("fedllm:submit --json " + ShellClient.quoted(file.toString()));
    return JSON.readTree(answer).get("id").asText();
  }

  /** Adds a server that stands by, and has nothing in common with the other but the log. */
  void standby(String name) {
    add(name, null, specs.get("server").kafka());
    start(name);
  }

  /** Whom to ask from now on. */
  void leads(String name) {
    leader = name;
  }

  /** What the shell of the server that leads answers. */
  String ask(String line) {
    return ask(leader, line);
  }

  String ask(String node, String line) {
    try (ShellClient shell = new ShellClient(nodes.get(node).shell())) {
      return shell.ask(line);
    }
  }

  /** Waits for all silos. */
  void awaitAll() {
    Await.until(
        "not all silos are here; logs are in " + work,
        () ->
            look("fedllm:silos --json", SiloView[].class).stream()
                    .flatMap(Stream::of)
                    .filter(silo -> silo.state().equals("here"))
                    .count()
                == job.silos().size());
  }

  /** Waits for a run to be as expected. */
  RunView await(String run, Predicate<RunView> until) {
    return Await.present(
        "the run is not as expected; logs are in " + work,
        () -> {
          Optional<RunView> seen = look("fedllm:run --json " + run, RunView.class);
          return seen.filter(r -> until.test(r) || r.state().ended());
        });
  }

  /** The answer for programs, if there is a server. */
  private <T> Optional<T> look(String line, Class<T> type) {
    try {
      return Optional.of(JSON.readValue(ask(line), type));
    } catch (Unreachable | Refused e) {
      return Optional.empty();
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  List<String> deadNodes() {
    return nodes.entrySet().stream()
        .filter(e -> !e.getValue().process().isAlive())
        .map(Map.Entry::getKey)
        .toList();
  }

  @Override
  public void close() {
    nodes.values().forEach(node -> node.process().destroyForcibly());
    nodes.values().forEach(node -> node.process().onExit().join());
    broker.close();
  }
}
