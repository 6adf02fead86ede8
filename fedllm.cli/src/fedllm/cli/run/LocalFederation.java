package fedllm.cli.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Cancelled;
import fedllm.api.error.Ends;
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
import fedllm.cli.node.Sockets;
import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** A broker, a server and its silos as processes that end with this one. Used by one thread. */
public final class LocalFederation implements AutoCloseable {

  /** All start within 12 s on a quiet machine, within minutes on a very busy one. */
  private static final long START_SECONDS = 300;

  private static final long LOOK_EVERY_MS = 50;

  private static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  private final Job job;
  private final Path work;
  private final Path plugins;
  private final List<Node> nodes = new ArrayList<>();
  private final Thread hook = new Thread(this::interrupted, "stop-nodes");
  private CompletableFuture<Broker> broker = CompletableFuture.completedFuture(null);
  private ShellClient shell;
  private volatile boolean interrupted;

  /** A federation that keeps all it writes in one folder; nothing is started yet. */
  public LocalFederation(Job job, Path work, Workspace workspace) throws IOException {
    this.job = job;
    this.work = work;
    plugins = PluginFolder.filled(work.resolve("plugins"), workspace);
  }

  /** Starts everything at once, and returns when the silos have joined the server. */
  public void start(List<LocalSilo> silos, Workspace workspace) throws IOException {
    Runtime.getRuntime().addShutdownHook(hook);
    String bootstrap = job.bootstrap() == null ? startBroker() : job.bootstrap();
    Path kafka = work.resolve("kafka.properties");
    Files.writeString(kafka, "bootstrap.servers=" + bootstrap + "\n");
    Sockets sockets = Sockets.ofThisUser(System.getenv());
    String label = sockets.freeLabel(job.federation());
    startNode("server", "server", null, kafka, sockets.path("server", label), workspace);
    for (LocalSilo silo : silos) {
      Path yaml = work.resolve(silo.name() + ".yaml");
      silo.writeYaml(yaml, job);
      Path socket = sockets.path(silo.name(), label);
      startNode("silo", silo.name(), yaml, kafka, socket, workspace);
    }
    awaitBroker();
    awaitServer();
    awaitSilos(silos.stream().map(LocalSilo::name).collect(Collectors.toSet()));
  }

  /** The folder that all nodes watch; jars come and go while they run. */
  public Path plugins() {
    return plugins;
  }

  /** Submits a job under a file name, and says the run's id. */
  public String submit(String text, String fileName) throws IOException {
    Path file = work.resolve("jobs").resolve(fileName);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
    String answer = shell.ask("fedllm:submit --json " + ShellClient.quoted(file.toString()));
    return parse(answer, Submitted.class).id();
  }

  /** A run as it is now. */
  public RunView run(String id) {
    refuseDead();
    try {
      return parse(shell.ask("fedllm:run --json " + id), RunView.class);
    } catch (Unreachable e) {
      nodes.get(0).awaitStop(); // it hung up, so it is about to end
      refuseDead();
      throw e;
    }
  }

  @Override
  public void close() {
    if (shell != null) {
      shell.close();
    }
    stopNodes();
    Broker started = broker.exceptionally(e -> null).join();
    if (started != null) {
      started.close();
    }
    if (!interrupted) {
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }

  /** Ctrl-C or a signal; the broker ends by itself when this process has. */
  private void interrupted() {
    interrupted = true;
    stopNodes();
  }

  private void refuseDead() {
    if (interrupted) {
      throw new Cancelled("interrupted; all processes are stopped");
    }
    nodes.forEach(Node::refuseDead);
    Broker started = broker.getNow(null);
    if (started != null && !started.process().isAlive()) {
      throw new Ends("the broker ended; why may be in " + work.resolve("broker/broker.log"));
    }
  }

  private String startBroker() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    broker = CompletableFuture.supplyAsync(() -> Broker.start(work.resolve("broker"), port));
    return "127.0.0.1:" + port;
  }

  private void startNode(
      String role, String name, Path silo, Path kafka, Path socket, Workspace workspace) {
    NodeSpec spec =
        new NodeSpec(
            role,
            job.federation(),
            name,
            work.resolve(role.equals("server") ? "server" : "silo-" + name),
            plugins,
            kafka,
            silo,
            socket,
            true);
    nodes.add(Node.start(spec, workspace));
  }

  private void awaitBroker() {
    try {
      broker.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  private void awaitServer() {
    Path socket = nodes.get(0).shell();
    await("the server's shell", () -> ShellClient.answers(socket));
    shell = new ShellClient(socket);
  }

  private void awaitSilos(Set<String> names) {
    await(
        "the silos to join",
        () -> {
          try {
            Set<String> missing = new TreeSet<>(names);
            for (SiloView silo : parse(shell.ask("fedllm:silos --json"), SiloView[].class)) {
              if (silo.state().equals("here")) {
                missing.remove(silo.name());
              }
            }
            return missing.isEmpty();
          } catch (Refused e) {
            return false; // its federation is not up yet
          }
        });
  }

  private void await(String what, BooleanSupplier there) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!there.getAsBoolean()) {
      refuseDead();
      if (System.nanoTime() > deadline) {
        throw new Ends("waited " + START_SECONDS + " s for " + what + "; logs are in " + work);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_EVERY_MS));
    }
  }

  private synchronized void stopNodes() {
    nodes.forEach(Node::stop);
    for (Node node : nodes) {
      node.awaitStop();
    }
  }

  private static <T> T parse(String json, Class<T> type) {
    try {
      return JSON.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new Unreachable("the server's shell answers what this version does not know", e);
    }
  }

  private record Submitted(String id) {}

  /** Every process that belongs to it. */
  public List<ProcessHandle> processes() {
    List<ProcessHandle> processes = new ArrayList<>();
    nodes.forEach(node -> processes.add(node.process()));
    Broker started = broker.join();
    if (started != null) {
      processes.add(started.process());
    }
    return processes;
  }

  /** For tests and messages: the processes of all nodes. */
  public List<Node> nodes() {
    return List.copyOf(nodes);
  }
}
