package fedllm.cli.broker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Reader;
import java.lang.reflect.InvocationTargetException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The program of the broker's process: says {@code ready} once the broker answers, and ends when
 * its input does, that is, when whoever started it closes the pipe or dies.
 *
 * <p>Kafka's server is on the class path of this process alone, so its classes are found by name.
 */
final class BrokerProcess {

  static final String READY = "ready";

  /** How it ends where another process has one of its ports. */
  static final int PORT_TAKEN = 98;

  private static final long SHUTDOWN_SECONDS = 30;

  private BrokerProcess() {}

  /** The argument is the settings file. */
  public static void main(String[] args) throws Exception {
    ignoreInterruptsFromTheTerminal();
    Path file = Path.of(args[0]);
    Properties settings = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      settings.load(reader);
    }
    refuseTakenPorts(settings.getProperty("listeners"));
    if (!Files.exists(Path.of(settings.getProperty("log.dirs"), "meta.properties"))) {
      format(file);
    }
    Object server = server(settings);
    try {
      server.getClass().getMethod("startup").invoke(server);
    } catch (InvocationTargetException e) {
      if (isOfATakenPort(e)) {
        e.getCause().printStackTrace();
        Runtime.getRuntime().halt(PORT_TAKEN);
      }
      throw e;
    }
    System.out.println(READY);
    awaitEndOf(System.in);
    haltAfter(SHUTDOWN_SECONDS);
    server.getClass().getMethod("shutdown").invoke(server);
    server.getClass().getMethod("awaitShutdown").invoke(server);
    System.exit(0);
  }

  /** Before anything is written: a broker that has registered itself waits for nine seconds. */
  private static void refuseTakenPorts(String listeners) throws IOException {
    for (String listener : listeners.split(",", -1)) {
      URI uri = URI.create(listener);
      try (ServerSocket socket = new ServerSocket()) {
        socket.bind(new InetSocketAddress(uri.getHost(), uri.getPort()));
      } catch (BindException e) {
        System.err.println(listener + ": " + e.getMessage());
        Runtime.getRuntime().halt(PORT_TAKEN);
      }
    }
  }

  private static boolean isOfATakenPort(Throwable thrown) {
    return thrown != null && (thrown instanceof BindException || isOfATakenPort(thrown.getCause()));
  }

  private static void format(Path settings) throws ReflectiveOperationException {
    UUID id = UUID.randomUUID();
    ByteBuffer bytes = ByteBuffer.allocate(16);
    bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    // One argument: of two the second, which may begin with a dash, would be an option.
    String[] arguments = {
      "format",
      "--cluster-id=" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array()),
      "--config",
      settings.toString()
    };
    PrintStream quiet =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    Object status =
        Class.forName("kafka.tools.StorageTool")
            .getMethod("execute", String[].class, PrintStream.class)
            .invoke(null, arguments, quiet);
    if (!status.equals(0)) {
      throw new IllegalStateException(
          "the data folder named in " + settings + " cannot be formatted");
    }
  }

  private static Object server(Properties settings) throws ReflectiveOperationException {
    Class<?> config = Class.forName("kafka.server.KafkaConfig");
    Class<?> time = Class.forName("org.apache.kafka.common.utils.Time");
    return Class.forName("kafka.server.KafkaRaftServer")
        .getConstructor(config, time)
        .newInstance(
            config
                .getMethod("fromProps", Properties.class, boolean.class)
                .invoke(null, settings, false),
            time.getField("SYSTEM").get(null));
  }

  /** Ctrl-C reaches every process of a terminal; when the broker ends, its parent decides. */
  private static void ignoreInterruptsFromTheTerminal() throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    Class<?> handler = Class.forName("sun.misc.SignalHandler");
    signal
        .getMethod("handle", signal, handler)
        .invoke(
            null,
            signal.getConstructor(String.class).newInstance("INT"),
            handler.getField("SIG_IGN").get(null));
  }

  private static void awaitEndOf(InputStream in) throws IOException {
    byte[] ignored = new byte[64];
    while (in.read(ignored) >= 0) {
      // Nobody says anything to a broker.
    }
  }

  private static void haltAfter(long seconds) {
    Thread watchdog =
        new Thread(
            () -> {
              long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
              while (System.nanoTime() < deadline) {
                LockSupport.parkNanos(deadline - System.nanoTime());
              }
              Runtime.getRuntime().halt(1);
            },
            "halt");
    watchdog.setDaemon(true);
    watchdog.start();
  }
}
