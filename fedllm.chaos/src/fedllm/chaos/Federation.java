package fedllm.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Ends;
import fedllm.api.error.Refused;
import fedllm.api.error.Unreachable;
import fedllm.api.transport.Transport;
import fedllm.cli.broker.Broker;
import fedllm.cli.node.Node;
import fedllm.cli.node.NodeSpec;
import fedllm.cli.node.PluginFolder;
import fedllm.cli.node.ShellClient;
import fedllm.cli.node.Sockets;
import fedllm.cli.node.Workspace;
import fedllm.runtime.message.Topics;
import fedllm.transport.kafka.KafkaTransportFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.StreamSupport;

/**
 * A broker, two servers and three silos as processes of this machine, each of which may be killed
 * and started again; they end with this one. Used by one thread.
 */
final class Federation implements AutoCloseable {

  static final String NAME = "chaos";

  static final List<String> SILOS = List.of("bank", "clinic", "school");

  private static final List<String> SERVERS = List.of("server", "standby");

  /** All are there within 20 s on a quiet machine, within minutes on a very busy one. */
  private static final long READY_SECONDS = 300;

  private static final long HOUR_SECONDS = 3600;

  private static final long LOOK_EVERY_MS = 20;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Workspace workspace = Workspace.here();
  private final Map<String, Node> nodes = new LinkedHashMap<>();

  /** Where in each node's log its present process begins. */
  private final Map<String, Integer> starts = new HashMap<>();

  private final Path work;
  private final Machines machines;
  private final Path plugins;
  private final Sockets sockets = Sockets.ofThisUser(System.getenv());
  private final String label = sockets.freeLabel(NAME);
  private final Broker broker;
  private final Transport transport;

  /** Starts all of it, each node on a machine of its own as far as there are some. */
  Federation(Path work, Machines machines) throws IOException {
    this.work = work;
    this.machines = machines;
    plugins = PluginFolder.filled(work.resolve("plugins"), workspace);
    broker = Broker.start(work.resolve("broker"), machines.broker());
    transport = new KafkaTransportFactory().open(Map.of("bootstrap.servers", broker.bootstrap()));
    Path kafka = work.resolve("kafka.properties");
    Files.writeString(kafka, "bootstrap.servers=" + broker.bootstrap() + "\n");
    add("server", SERVERS.get(0), kafka, null);
    Path nothing = work.resolve("silo.yaml");
    Files.writeString(nothing, "{}\n");
    for (String silo : SILOS) {
      add("silo", silo, kafka, nothing);
    }
    await("the first server to lead, and all silos", () -> hasAll(SERVERS.get(0)));
    add("server", SERVERS.get(1), kafka, null); // one that starts while another leads stands by
  }

  private void add(String role, String name, Path kafka, Path silo) throws IOException {
    starts.put(name, 0);
    Path state = work.resolve(name);
    Path shell = sockets.path(name, label);
    nodes.put(
        name,
        Node.start(
            new NodeSpec(role, NAME, name, state, plugins, kafka, silo, shell, true),
            workspace,
            machines.add(name, state)));
  }

  /** Keeps what happens from the beginning, once all topics are there. */
  Recorder recorder() {
    awaitReady();
    return new Recorder(transport, new Topics(NAME), SILOS);
  }

  /** Does to a part, or to {@code broker}, what lasts. */
  void hurt(String who, Fault fault) {
    switch (fault) {
      case PAUSED -> machines.signal(process(who), "STOP");
      case CUT -> machines.cable(who, false);
      case FULL -> machines.fill(work.resolve(who));
      case CLOCK -> machines.clock(who, HOUR_SECONDS);
      case KILLED -> throw new IllegalArgumentException("a kill does not last");
    }
  }

  /** Undoes it. */
  void heal(String who, Fault fault) {
    switch (fault) {
      case PAUSED -> machines.signal(process(who), "CONT");
      case CUT -> machines.cable(who, true);
      case FULL -> machines.empty(work.resolve(who));
      case CLOCK -> machines.clock(who, 0);
      case KILLED -> throw new IllegalArgumentException("a kill does not last");
    }
  }

  private ProcessHandle process(String who) {
    return who.equals("broker") ? broker.process() : nodes.get(who).process();
  }

  /** What happened, once all topics are there. */
  RunLog log() {
    Topics topics = new Topics(NAME);
    awaitReady();
    return new RunLog(transport, topics, SILOS);
  }

  /** Waits until one server leads, the other one stands by, and all silos are here. */
  void awaitReady() {
    await(
        "one server to lead, one to stand by, and all silos",
        () ->
            SERVERS.stream().filter(this::hasAll).count() == 1
                && SERVERS.stream().filter(this::standsBy).count() == 1);
  }

  private boolean hasAll(String server) {
    try {
      return StreamSupport.stream(
                  JSON.readTree(ask(server, "fedllm:silos --json")).spliterator(), false)
              .filter(silo -> silo.get("state").asText().equals("here"))
              .count()
          == SILOS.size();
    } catch (Refused | Unreachable e) {
      return false;
    } catch (JsonProcessingException e) {
      throw new Ends("the server's shell answers what this version does not know", e);
    }
  }

  /** One that has never led answers as if it had not started, and says in its log that it waits. */
  private boolean standsBy(String server) {
    try {
      ask(server, "fedllm:runs");
      return false;
    } catch (Unreachable e) {
      return false;
    } catch (Refused e) {
      return e.getMessage().contains("stands by") || logged(server).contains("stands by for ");
    }
  }

  /** What a node logged since it was started last. */
  private String logged(String node) {
    Path log = nodes.get(node).log();
    try {
      byte[] all = Files.readAllBytes(log);
      int from = starts.get(node);
      return new String(all, from, all.length - from, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(log + " cannot be read", e);
    }
  }

  private String ask(String node, String line) {
    try (ShellClient shell = new ShellClient(nodes.get(node).shell())) {
      return shell.ask(line);
    }
  }

  /** Gives a job to the server that leads; answers the run's id. */
  String submit(String job) throws IOException {
    Path file = work.resolve("job.yaml");
    Files.writeString(file, job);
    String leader = SERVERS.stream().filter(this::hasAll).findFirst().orElseThrow();
    String answer = ask(leader, "fedllm:submit --json " + ShellClient.quoted(file.toString()));
    return JSON.readTree(answer).get("id").asText();
  }

  /** Ends a node as a crash would. */
  void kill9(String node) {
    nodes.get(node).process().destroyForcibly();
    nodes.get(node).process().onExit().join();
  }

  /** Starts a node again, with the state that it left. */
  void restart(String node) {
    try {
      starts.put(node, (int) Files.size(nodes.get(node).log()));
    } catch (IOException e) {
      throw new UncheckedIOException(nodes.get(node).log() + " cannot be read", e);
    }
    nodes.computeIfPresent(node, (name, dead) -> dead.again(workspace));
  }

  Broker broker() {
    return broker;
  }

  /** The server that does not lead. */
  static String other(String leader) {
    return SERVERS.stream().filter(server -> !server.equals(leader)).findFirst().orElseThrow();
  }

  private void await(String what, BooleanSupplier holds) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
    while (!holds.getAsBoolean()) {
      nodes.values().forEach(Node::refuseDead);
      if (System.nanoTime() > deadline) {
        throw new Ends("waited " + READY_SECONDS + " s for " + what + "; logs are in " + work);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_EVERY_MS));
    }
  }

  @Override
  public void close() {
    nodes.values().forEach(node -> node.process().destroyForcibly());
    nodes.values().forEach(node -> node.process().onExit().join());
    transport.close();
    broker.close();
  }
}
