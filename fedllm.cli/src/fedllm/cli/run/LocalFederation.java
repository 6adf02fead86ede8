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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A broker, a server and its silos as processes that end with this one. Used by one thread. */
public final class LocalFederation implements AutoCloseable {

  /** All start within 12 s on a quiet machine, within minutes on a very busy one. */
  private static final long START_SECONDS = 300;

  /** A port that was free may be taken before the broker has it. */
  private static final int STARTS = 3;

  private static final long LOOK_EVERY_MS = 50;

  private static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  private final Job job;
  private final Path work;
  private final Path plugins;
  private final Workspace workspace;
  private final Entrance entrance;
  private final List<Node> nodes = new CopyOnWriteArrayList<>();
  private final Fates fates = new Fates();
  private final Thread hook = new Thread(this::interrupted, "stop-nodes");
  private Sockets sockets;
  private String label;
  private ShellClient shell;
  private volatile boolean interrupted;

  /** A federation that keeps all it writes in one folder; nothing is started yet. */
  public LocalFederation(Job job, Path work, Workspace workspace, Links links) throws IOException {
    this.entrance = new Entrance(job, work, workspace, links);
    this.job = job;
    this.work = work;
    this.workspace = workspace;
    plugins = PluginFolder.filled(work.resolve("plugins"), workspace);
  }

  /**
   * Starts everything at once, and returns when the silos have joined the server; one whose process
   * ends is not waited for.
   */
  public void start(List<LocalSilo> silos) throws IOException {
    Runtime.getRuntime().addShutdownHook(hook);
    sockets = Sockets.ofThisUser(System.getenv());
    label = sockets.freeLabel(job.federation());
    for (int left = STARTS; !startAll(silos); left--) {
      if (left == 1) {
        throw new Ends("no port of this machine stays free for a broker");
      }
    }
    awaitServer();
    for (LocalSilo silo : silos) {
      awaitSilo(silo.name());
    }
  }

  /** Answers false, with nothing started, where another program took the broker's port. */
  private boolean startAll(List<LocalSilo> silos) throws IOException {
    entrance.open(silos.stream().map(LocalSilo::name).toList());
    startNode("server", "server", null);
    for (LocalSilo silo : silos) {
      startSilo(silo);
    }
    if (entrance.isOpen()) {
      return true;
    }
    stopNodes();
    nodes.clear();
    return false;
  }

  /** Starts one more silo, which joins when it can. */
  public void add(LocalSilo silo) throws IOException {
    entrance.admit(silo.name());
    startSilo(silo);
  }

  private void startSilo(LocalSilo silo) throws IOException {
    Path yaml = work.resolve(silo.name() + ".yaml");
    silo.writeYaml(yaml, job);
    startNode("silo", silo.name(), yaml);
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

  /** Ends a run now. */
  public void cancel(String id) {
    shell.ask("fedllm:cancel --json " + id);
  }

  /** Whether a silo has joined. */
  public boolean isHere(String silo) {
    try {
      List<String> here =
          Arrays.stream(parse(ask("fedllm:silos --json"), SiloView[].class))
              .filter(view -> view.state().equals("here"))
              .map(SiloView::name)
              .toList();
      fates.joined(here);
      return here.contains(silo);
    } catch (Refused e) {
      return false; // its federation is not up yet
    }
  }

  /** Waits until a silo has joined, or its process has ended. */
  public void awaitSilo(String silo) {
    await(silo + " to join", () -> hasEnded(silo) || isHere(silo));
  }

  /** Whether a silo's process has ended for good. */
  public boolean hasEnded(String silo) {
    refuseDead();
    return fates.givenUp().containsKey(silo);
  }

  /** The silos whose processes have ended for good, and how. */
  public Map<String, String> ended() {
    return Map.copyOf(fates.givenUp());
  }

  /** What nobody was told yet: the last words of silos, and who was started again. */
  public List<String> news() {
    return fates.news();
  }

  /** A run as it is now. */
  public RunView run(String id) {
    refuseDead();
    return parse(ask("fedllm:run --json " + id), RunView.class);
  }

  /** What the server answers; if it has hung up, its last words say why. */
  private String ask(String command) {
    try {
      return shell.ask(command);
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
    entrance.close();
    if (!interrupted) {
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }

  /** Ctrl-C or a signal; the broker ends by itself when this process has. */
  private void interrupted() {
    interrupted = true;
    stopNodes();
  }

  /**
   * A silo that died is started again, and the others go on without one that is given up; without a
   * server or a broker nobody goes on.
   */
  private void refuseDead() {
    refuseInterrupted();
    nodes.get(0).refuseDead();
    entrance.refuseDead();
    for (int i = 1; i < nodes.size(); i++) {
      Node silo = nodes.get(i);
      if (!silo.isAlive() && !fates.givenUp().containsKey(silo.name()) && fates.comesBack(silo)) {
        revive(i);
      }
    }
    if (nodes.size() > 1 && fates.givenUp().size() == nodes.size() - 1) {
      throw new Ends("all silos have ended; " + nodes.get(nodes.size() - 1).lastWords());
    }
  }

  private synchronized void revive(int i) {
    refuseInterrupted();
    nodes.set(i, nodes.get(i).again(workspace));
  }

  private void refuseInterrupted() {
    if (interrupted) {
      throw new Cancelled("interrupted; all processes are stopped");
    }
  }

  private synchronized void startNode(String role, String name, Path silo) throws IOException {
    refuseInterrupted();
    NodeSpec spec =
        new NodeSpec(
            role,
            job.federation(),
            name,
            work.resolve(role.equals("server") ? "server" : "silo-" + name),
            plugins,
            entrance.key(role, name),
            silo,
            sockets.path(name, label),
            true);
    nodes.add(Node.start(spec, workspace));
  }

  private void awaitServer() {
    Path socket = nodes.get(0).shell();
    await("the server's shell", () -> ShellClient.answers(socket));
    shell = new ShellClient(socket);
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
    broker().ifPresent(processes::add);
    return processes;
  }

  /** The broker's process; none where the job names a broker of its own. */
  Optional<ProcessHandle> broker() {
    return Optional.ofNullable(entrance.broker()).map(Broker::process);
  }

  /** For tests and messages: the processes of all nodes. */
  public List<Node> nodes() {
    return List.copyOf(nodes);
  }
}
