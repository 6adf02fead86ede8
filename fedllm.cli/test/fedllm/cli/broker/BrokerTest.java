package fedllm.cli.broker;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
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
            .redirectError(folder.resolve("parent.err").toFile())
            .start();
    try (BufferedReader said =
        new BufferedReader(
            new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8))) {
      String id = said.readLine();
      assertNotNull(id, () -> "it ended before it said the broker's id; " + lastWords());
      ProcessHandle broker = ProcessHandle.of(Long.parseLong(id)).orElseThrow();
      assertTrue(broker.isAlive());
      parent.destroyForcibly();
      broker.onExit().get(1, TimeUnit.MINUTES);
    } finally {
      parent.destroyForcibly();
    }
  }

  @Test
  void aPortThatIsTakenIsNamedAndAnotherIsFoundWhereNoneWasAskedFor() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      Broker.PortTaken refused =
          assertThrows(Broker.PortTaken.class, () -> Broker.start(folder, port));
      assertTrue(refused.getMessage().contains(Integer.toString(port)), refused.getMessage());
      int first = Broker.freePort();
      int controller = Broker.freePort();
      Iterator<Integer> ports = List.of(port, controller, first, port).iterator();
      try (Broker broker =
          Broker.start(folder, () -> ports.hasNext() ? ports.next() : Broker.freePort(), null)) {
        assertFalse(ports.hasNext(), "both were tried");
        assertFalse(broker.bootstrap().endsWith(":" + port), broker.bootstrap());
        assertConnects(Integer.parseInt(broker.bootstrap().replaceFirst(".*:", "")));
      }
    }
  }

  private String lastWords() {
    StringBuilder words = new StringBuilder();
    for (String file : List.of("parent.err", "broker.log")) {
      Path path = folder.resolve(file);
      try {
        words.append(file).append(":\n").append(Files.exists(path) ? Files.readString(path) : "");
      } catch (IOException e) {
        words.append(e);
      }
    }
    return words.toString();
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
