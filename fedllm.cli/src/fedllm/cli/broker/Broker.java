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

/**
 * A Kafka broker in a process of its own, on loopback only; it ends when we end, however that
 * happens. Used by one thread.
 */
public final class Broker implements AutoCloseable {

  /** A start takes two seconds on a quiet machine, and a minute on a very busy one. */
  private static final long START_SECONDS = 180;

  private static final long STOP_SECONDS = 40;

  private static final List<String> JVM =
      List.of(
          "-Xms128m",
          "-Xmx512m",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:-UsePerfData");

  private final Path folder;
  private final Path settings;
  private final int port;
  private Process process;

  private Broker(Path folder, int port) {
    this.folder = folder.toAbsolutePath();
    this.settings = this.folder.resolve("broker.properties");
    this.port = port;
  }

  /** Starts on a free port; the folder keeps data, settings and log. */
  public static Broker start(Path folder) {
    return start(folder, freePort());
  }

  /** Starts on a port, with what the folder has from before. */
  public static Broker start(Path folder, int port) {
    Broker broker = new Broker(folder, port);
    broker.restart();
    return broker;
  }

  /** Where clients find it. */
  public String bootstrap() {
    return "127.0.0.1:" + port;
  }

  /** The broker's process. */
  public ProcessHandle process() {
    return process.toHandle();
  }

  /**
   * Starts again after {@link #kill9} or {@link #close}, on the same port; returns when it answers.
   */
  public void restart() {
    try {
      Files.createDirectories(folder);
      Files.write(settings, BrokerSettings.of(folder.resolve("data"), port, freePort()));
      process =
          new ProcessBuilder(command())
              .redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start a broker in " + folder, e);
    }
    awaitReady();
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

  private void awaitReady() {
    CompletableFuture<Boolean> ready = new CompletableFuture<>();
    Thread listener = new Thread(() -> listen(process, ready), "broker-output");
    listener.setDaemon(true);
    listener.start();
    try {
      if (!ready.get(START_SECONDS, TimeUnit.SECONDS)) {
        awaitEnd(STOP_SECONDS);
        throw new Ends("the broker ended at its start; why is in " + log());
      }
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
    IOException last = null;
    for (int attempt = 0; attempt < 100; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return port;
      } catch (IOException e) {
        last = e;
      }
    }
    throw new UncheckedIOException("no port is free on loopback", last);
  }
}
