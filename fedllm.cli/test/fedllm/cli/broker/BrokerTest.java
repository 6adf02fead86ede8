package fedllm.cli.broker;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BrokerTest {

  @TempDir private Path folder;

  @Test
  void listensOnceStartedKeepsItsPortAndEndsInOrder() throws Exception {
    Broker broker = Broker.start(folder);
    int port = Integer.parseInt(broker.bootstrap().replaceFirst(".*:", ""));
    assertConnects(port);
    Path cluster = folder.resolve("data/meta.properties");
    List<String> identity = Files.readAllLines(cluster);
    broker.kill9();
    assertFalse(broker.process().isAlive());
    broker.restart();
    assertConnects(port);
    assertEquals(identity, Files.readAllLines(cluster), "the same cluster, not a new one");
    broker.close();
    assertFalse(broker.process().isAlive());
    assertTrue(Files.exists(folder.resolve("data/.kafka_cleanshutdown")), "it ended in order");
  }

  @Test
  void endsWhenItsParentIsKilled() throws Exception {
    Process parent =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dfedllm.workspace=" + System.getProperty("fedllm.workspace", "."),
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8))) {
      ProcessHandle broker = ProcessHandle.of(Long.parseLong(said.readLine())).orElseThrow();
      assertTrue(broker.isAlive());
      parent.destroyForcibly();
      broker.onExit().get(1, TimeUnit.MINUTES);
    } finally {
      parent.destroyForcibly();
    }
  }

  private static void assertConnects(int port) {
    assertDoesNotThrow(() -> new Socket(InetAddress.getLoopbackAddress(), port).close());
  }

  /** Starts a broker, says its process id, and waits to be killed. */
  static final class Parent {
    public static void main(String[] args) throws Exception {
      Broker broker = Broker.start(Path.of(args[0]));
      System.out.println(broker.process().pid());
      System.out.println(System.in.read());
    }
  }
}
