package fedllm.cli.broker;

import fedllm.api.error.Ends;
import fedllm.api.error.Refused;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;

/**
 * A Kafka broker in a process of its own, on loopback only; it ends when we end, however that
 * happens. Used by one thread.
 */
public final class Broker implements AutoCloseable {

  /** A start takes two seconds on a quiet machine, and a minute on a very busy one. */
  private static final long START_SECONDS = 180;

  private static final long STOP_SECONDS = 40;

  /** A port that was free may be taken before the broker has it. */
  private static final int STARTS = 5;

  private static final List<String> JVM =
      List.of("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:-UsePerfData");

  /** For a quick start. Ciphers wait for the second compiler, which alone knows the processor's. */
  private static final String FIRST_COMPILER_ONLY = "-XX:TieredStopAtLevel=1";

  private final Path folder;
  private final Path settings;
  private final IntSupplier ports;
  private final Certificates certificates;
  private int port;
  private int scramPort;
  private boolean longLived;
  private String host = "127.0.0.1";
  private Process process;

  /** Another process has the port that clients were told. */
  public static final class PortTaken extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private PortTaken(int port) {
      super("another program listens on port " + port + " of this machine");
    }
  }

  private Broker(Path folder, int port, IntSupplier ports, Certificates certificates) {
    this.ports = ports;
    this.certificates = certificates;
    this.longLived = certificates != null;
    this.folder = folder.toAbsolutePath();
    this.settings = this.folder.resolve("broker.properties");
    this.port = port;
  }

  /** Starts on a free port; the folder keeps data, settings and log. */
  public static Broker start(Path folder) {
    return start(folder, Broker::freePort, null);
  }

  /** The same on another address of this machine. */
  public static Broker start(Path folder, String host) {
    Broker broker = new Broker(folder, freePort(), Broker::freePort, null);
    broker.host = host;
    return broker.onceStarted();
  }

  /** The same, compiled as a broker that serves for long: for measurements. */
  public static Broker startWarm(Path folder) {
    Broker broker = new Broker(folder, freePort(), Broker::freePort, null);
    broker.longLived = true;
    return broker.onceStarted();
  }

  /**
   * Starts one that lets in whom an authority has certified, or who knows a user's password, and
   * allows what an ACL allows. {@code admin} may do everything.
   */
  public static Broker startSecure(Path folder, Certificates certificates) {
    return start(folder, Broker::freePort, certificates);
  }

  static Broker start(Path folder, IntSupplier ports, Certificates certificates) {
    return new Broker(folder, ports.getAsInt(), ports, certificates).onceStarted();
  }

  private Broker onceStarted() {
    for (int left = STARTS; !starts(); left--) {
      if (left == 1) {
        throw new PortTaken(port);
      }
      port = ports.getAsInt();
      scramPort = 0;
    }
    return this;
  }

  /**
   * Starts on a port, with what the folder has from before.
   *
   * @throws PortTaken where another process has it
   */
  public static Broker start(Path folder, int port) {
    Broker broker = new Broker(folder, port, Broker::freePort, null);
    broker.restart();
    return broker;
  }

  /** Where clients find it. */
  public String bootstrap() {
    return host + ":" + port;
  }

  /** Where clients find it who have a password, at a secure one. */
  public String scramBootstrap() {
    return "127.0.0.1:" + scramPort;
  }

  /** The broker's process. */
  public ProcessHandle process() {
    return process.toHandle();
  }

  /**
   * Starts again after {@link #kill9} or {@link #close}, on the same port; returns when it answers.
   *
   * @throws PortTaken where another process has it
   */
  public void restart() {
    for (int left = STARTS; !starts(); left--) {
      if (left == 1
          || !isFree(port)
          || (scramPort != 0
              && !isFree(scramPort))) { // else it was the controller's, which is another each time
        throw new PortTaken(port);
      }
    }
  }

  /** Answers false where another process has one of the ports. */
  private boolean starts() {
    try {
      Files.createDirectories(folder);
      Files.write(settings, settings());
      process =
          new ProcessBuilder(command())
              .redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a broker in " + folder, e);
    }
    return becomesReady();
  }

  private List<String> settings() throws IOException {
    Path data = folder.resolve("data");
    if (certificates == null) {
      return BrokerSettings.open(data, host, port, ports.getAsInt());
    }
    if (scramPort == 0) {
      scramPort = ports.getAsInt();
    }
    return BrokerSettings.secured(data, port, scramPort, ports.getAsInt(), certificates);
  }

  /** Ends it as a crash would. */
  public void kill9() {
    process.destroyForcibly();
    awaitEnd(STOP_SECONDS);
  }

  /** Ends it in order; what the log holds stays in the folder. */
  @Override
  public void close() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      process.destroy(); // it did not read any more
    }
    if (!awaitEnd(STOP_SECONDS)) {
      kill9();
    }
  }

  private Path log() {
    return folder.resolve("broker.log");
  }

  private List<String> command() throws IOException {
    Path libraries =
        Path.of(System.getProperty("fedllm.workspace", "."), "cnf", "cache", "broker.classpath");
    if (!Files.exists(libraries)) {
      throw new Refused(
          "the broker's class path is missing: run ./fedllm build to make " + libraries);
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM);
    if (!longLived) {
      command.add(FIRST_COMPILER_ONLY);
    }
    command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
    command.add("-Dorg.slf4j.simpleLogger.showDateTime=true");
    command.add("-cp");
    command.add(ours() + File.pathSeparator + Files.readString(libraries).strip());
    command.add(BrokerProcess.class.getName());
    command.add(settings.toString());
    return command;
  }

  private static Path ours() {
    try {
      return Path.of(Broker.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("our own classes are at no path", e);
    }
  }

  private boolean becomesReady() {
    CompletableFuture<Boolean> ready = new CompletableFuture<>();
    Thread listener = new Thread(() -> listen(process, ready), "broker-output");
    listener.setDaemon(true);
    listener.start();
    try {
      if (ready.get(START_SECONDS, TimeUnit.SECONDS)) {
        return true;
      }
      if (awaitEnd(STOP_SECONDS) && process.exitValue() == BrokerProcess.PORT_TAKEN) {
        return false;
      }
      throw new Ends("the broker ended at its start; why is in " + log());
    } catch (TimeoutException | ExecutionException e) {
      kill9();
      throw new Ends(
          "the broker did not start within " + START_SECONDS + " s; why may be in " + log(), e);
    } catch (InterruptedException e) {
      kill9();
      Thread.currentThread().interrupt();
      throw new Ends("interrupted while the broker started", e);
    }
  }

  /** To the end: a JVM may say more, such as a thread dump, and nobody else empties the pipe. */
  private static void listen(Process process, CompletableFuture<Boolean> ready) {
    try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
      String line = said.readLine();
      while (line != null) {
        if (line.equals(BrokerProcess.READY)) {
          ready.complete(true);
        }
        line = said.readLine();
      }
      ready.complete(false);
    } catch (IOException e) {
      ready.completeExceptionally(e);
    }
  }

  private boolean awaitEnd(long seconds) {
    try {
      return process.waitFor(seconds, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /**
   * Below the range from which systems number outgoing connections, so that none takes it first.
   */
  public static int freePort() {
    for (int attempt = 0; attempt < 100; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      if (isFree(port)) {
        return port;
      }
    }
    throw new Ends("no port from 20000 to 32000 is free on loopback");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
