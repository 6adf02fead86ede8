package fedllm.cli.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.error.Unreachable;
import fedllm.shell.ShellSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client and the folder of sockets, against the socket of a node over Gogo itself. */
final class ShellClientTest {

  private final ThreadIOImpl threads = new ThreadIOImpl();
  private final CommandProcessorImpl gogo = new CommandProcessorImpl(threads);

  @TempDir private Path folder;
  private long uid;
  private Sockets sockets;

  /** What the node can do. */
  public static final class Commands {
    /** Gives back what it was given. */
    public String echo(String text) {
      return text;
    }

    /** Fails in two lines. */
    public String fail(String why) {
      if (!why.isEmpty()) {
        throw new Refused(why + "\nand more");
      }
      return why;
    }
  }

  @BeforeEach
  void start() throws IOException {
    threads.start();
    gogo.addCommand("test", new Commands(), "echo");
    gogo.addCommand("test", new Commands(), "fail");
    uid = ((Number) Files.getAttribute(folder, "unix:uid")).longValue();
    sockets = Sockets.at(folder.resolve("fedllm"), uid);
  }

  @AfterEach
  void stop() {
    gogo.stop();
    threads.stop();
  }

  @Test
  void givesBackWhatACommandPrints() throws Exception {
    try (ShellSocket node = node("server", "demo");
        ShellClient client = new ShellClient(sockets.find(null))) {
      assertEquals("a\n", client.ask("test:echo a"));
      String long3 = "x".repeat(100_000);
      assertEquals(long3 + "\n", client.ask("test:echo " + long3));
      assertEquals("", client.ask("TERMINAL=true").strip().replace("true", ""));
    }
  }

  @Test
  void throwsTheNodesMessageWithItsLines() throws Exception {
    try (ShellSocket node = node("server", "demo");
        ShellClient client = new ShellClient(sockets.find(null))) {
      Refused refused = assertThrows(Refused.class, () -> client.ask("test:fail why"));
      assertEquals("why\nand more", refused.getMessage());
      assertEquals("b\n", client.ask("test:echo b"));
    }
  }

  @Test
  void quotesAPathSoThatItArrivesAsItIs() throws Exception {
    try (ShellSocket node = node("server", "demo");
        ShellClient client = new ShellClient(sockets.find(null))) {
      String path = "/home/o'neil/my jobs/$x {a} [b] \\ | job;1.yaml";
      assertEquals(path + "\n", client.ask("test:echo " + ShellClient.quoted(path)));
    }
  }

  @Test
  void saysWhenTheNodeHangsUp() throws Exception {
    ShellSocket node = node("server", "demo");
    try (ShellClient client = new ShellClient(sockets.find(null))) {
      client.ask("test:echo a");
      node.close();
      assertThrows(Unreachable.class, () -> client.ask("test:echo b"));
    }
  }

  @Test
  void findsTheOnlyNodeElseTheOnlyServerElseAsks() throws Exception {
    assertRefused("no node of yours runs", null);
    try (ShellSocket bank = node("bank", "demo")) {
      assertEquals(sockets.path("bank", "demo"), sockets.find(null));
      try (ShellSocket server = node("server", "demo")) {
        assertEquals(sockets.path("server", "demo"), sockets.find(null));
        assertEquals(sockets.path("bank", "demo"), sockets.find("bank"));
        assertEquals("other", sockets.freeLabel("other"));
        assertTrue(sockets.freeLabel("demo").startsWith("demo-"));
        assertRefused(
            "no node is called bnk; say --node with one of bank@demo, server@demo", "bnk");
        try (ShellSocket other = node("server", "other")) {
          assertRefused("say --node with one of server@demo, server@other", null);
          assertEquals(sockets.path("server", "other"), sockets.find("server@other"));
        }
      }
    }
    assertEquals(List.of(), sockets.live());
  }

  @Test
  void refusesAFolderThatOthersCanReadOrOwn() throws Exception {
    Path open = Files.createDirectory(folder.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThrows(Refused.class, () -> Sockets.at(open, uid));
    Path foreign = folder.resolve("fedllm");
    assertThrows(Refused.class, () -> Sockets.at(foreign, uid + 1));
    assertFalse(Files.exists(foreign.resolve("x")));
  }

  private ShellSocket node(String name, String federation) throws IOException {
    return new ShellSocket(sockets.path(name, federation), gogo);
  }

  private void assertRefused(String part, String node) {
    String message = assertThrows(Refused.class, () -> sockets.find(node)).getMessage();
    assertTrue(message.contains(part), message);
  }
}
