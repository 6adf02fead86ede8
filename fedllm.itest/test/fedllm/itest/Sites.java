package fedllm.itest;

import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Refused;
import fedllm.api.error.Unreachable;
import fedllm.api.run.RunView;
import fedllm.cli.broker.Broker;
import fedllm.cli.bundle.Shipped;
import fedllm.cli.node.Node;
import fedllm.cli.node.NodeSpec;
import fedllm.cli.node.PluginFolder;
import fedllm.cli.node.ShellClient;
import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * A broker, a server and silos as processes, each site with a folder of its own that no other site
 * sees, as on machines of their own.
 */
final class Sites implements AutoCloseable {

  static final String FEDERATION = "sites";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path work;
  private final Broker broker;
  private final Map<String, NodeSpec> specs = new TreeMap<>();
  private final Map<String, Node> nodes = new TreeMap<>();

  /** Starts a broker. */
  Sites(Path work) throws IOException {
    this.work = work;
    broker = Broker.start(broker());
  }

  /** Where the broker keeps its logs. */
  Path broker() {
    return work.resolve("broker");
  }

  String bootstrap() {
    return broker.bootstrap();
  }

  /** All that a site has: its state, its log, its plugins. */
  Path state(String name) {
    return work.resolve(name);
  }

  Path plugins(String name) {
    return state(name).resolve("plugins");
  }

  /**
   * Starts a site; {@code yaml} is null for the server, {@code approved} where there is no list.
   */
  void start(String name, String yaml, String approved) throws IOException {
    Path state = Files.createDirectories(state(name));
    Path silo = null;
    if (yaml != null) {
      silo = state.resolve("silo.yaml");
      Files.writeString(silo, yaml);
    }
    Shipped.write(state, Workspace.here());
    if (approved != null) {
      Files.writeString(state.resolve("plugins.approved"), approved);
    }
    Path kafka = state.resolve("kafka.properties");
    Files.writeString(kafka, "bootstrap.servers=" + broker.bootstrap() + "\n");
    specs.put(
        name,
        new NodeSpec(
            yaml == null ? "server" : "silo",
            FEDERATION,
            name,
            state,
            PluginFolder.filled(plugins(name), Workspace.here()),
            kafka,
            silo,
            work.resolve("shells").resolve(name + ".sock"),
            false));
    start(name);
  }

  /** Starts a site with what it left. */
  void start(String name) {
    nodes.put(name, Node.start(specs.get(name), Workspace.here()));
  }

  void kill9(String name) {
    nodes.get(name).process().destroyForcibly();
    nodes.get(name).process().onExit().join();
  }

  /** Waits until a site's process has ended, and says with what code. */
  int end(String name) throws InterruptedException {
    return nodes.get(name).await();
  }

  /** What a site's shell answers. */
  String ask(String name, String line) {
    try (ShellClient shell = new ShellClient(nodes.get(name).shell())) {
      return shell.ask(line);
    }
  }

  /** Waits until an answer has something in it. */
  void await(String name, String line, String what) {
    Await.until(
        line + " at " + name + " does not say " + what + "; logs are in " + work,
        () -> {
          try {
            return ask(name, line).contains(what);
          } catch (Unreachable | Refused e) {
            return false;
          }
        });
  }

  /** Submits a job and waits for its end. */
  RunView outcome(String job) {
    try {
      Path file = work.resolve("job.yaml");
      Files.writeString(file, job);
      String answer = ask("server", "fedllm:submit --json " + ShellClient.quoted(file.toString()));
      String id = JSON.readTree(answer).get("id").asText();
      Await.until(
          "run " + id + " does not end; logs are in " + work, () -> run(id).state().ended());
      return run(id);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RunView run(String id) {
    try {
      return JSON.readValue(ask("server", "fedllm:run --json " + id), RunView.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    nodes.values().forEach(node -> node.process().destroyForcibly());
    nodes.values().forEach(node -> node.process().onExit().join());
    broker.close();
  }
}
