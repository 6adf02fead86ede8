package fedllm.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.run.RunState;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Scanner;
import org.apache.felix.gogo.runtime.CommandProcessorImpl;
import org.apache.felix.gogo.runtime.threadio.ThreadIOImpl;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The socket over Gogo itself, without a framework. */
final class ShellSocketTest {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final FakeFederation federation = new FakeFederation();
  private final ThreadIOImpl threads = new ThreadIOImpl();
  private final CommandProcessorImpl gogo = new CommandProcessorImpl(threads);

  @TempDir private Path folder;
  private Path path;
  private ShellSocket socket;

  /** A command that fails as no command should. */
  public static final class Broken {
    /** Fails. */
    public int broken() {
      return Integer.parseInt("cat");
    }

    /** Says what it was given, without a line's end. */
    public void say(String text) {
      System.out.print(text);
    }
  }

  @BeforeEach
  void listen() throws IOException {
    threads.start();
    FederationCommands commands = new FederationCommands("server server", federation);
    for (Command command : Command.values()) {
      gogo.addCommand("fedllm", commands, command.title());
    }
    gogo.addCommand("test", new Broken(), "broken");
    gogo.addCommand("test", new Broken(), "say");
    path = folder.resolve("sockets").resolve("server@demo.sock");
    socket = new ShellSocket(path, gogo);
  }

  @AfterEach
  void close() throws IOException {
    socket.close();
    gogo.stop();
    threads.stop();
  }

  @Test
  void answersALineWithItsOutputAndAVerdict() throws Exception {
    String silos = new FederationCommands("", federation).silos();
    assertEquals(silos + "\u0004ok\n", ask("silos\n"));
  }

  @Test
  void saysWhoAskedAsTheSystemKnowsThemWhateverTheSessionSays() throws Exception {
    String answer = ask("WHO=somebody-else\npause demo\n");
    assertTrue(answer.endsWith("\u0004ok\n"), answer);
    String me = Files.getOwner(path).getName();
    assertEquals(me, federation.who);
    ask("runs | cat; resume demo\n");
    assertEquals(me, federation.who);
  }

  @Test
  void endsTheOutputsLineBeforeTheVerdict() throws Exception {
    assertEquals("hello\n\u0004ok\n", ask("test:say hello\n"));
  }

  @Test
  void answersEveryLineOfASessionInOrder() throws Exception {
    assertEquals("a\n\u0004ok\nb\n\u0004ok\n", ask("test:say a\ntest:say b\n"));
  }

  @Test
  void showsOnlyTheMessageOfAPlatformError() throws Exception {
    assertEquals("\u0004error: no run is called x\n", ask("run x\n"));
  }

  @Test
  void keepsAMessageOfSeveralLinesInOneVerdict() throws Exception {
    Path job = Files.writeString(folder.resolve("job.yaml"), "straegy: x\n");
    assertEquals(
        "\u0004error: job.yaml:3: no key is called straegy\u2028there are: strategy, trainer\n",
        ask("submit " + job + "\n"));
  }

  @Test
  void namesTheClassOfAnErrorThatNobodyForesaw() throws Exception {
    assertEquals(
        "\u0004error: java.lang.NumberFormatException: For input string: \"cat\"\n",
        ask("test:broken\n"));
  }

  @Test
  void goesOnAfterACommandThatDoesNotExist() throws Exception {
    assertEquals(
        "\u0004error: Command not found: nonsense; help lists the commands\nb\n\u0004ok\n",
        ask("nonsense\ntest:say b\n"));
  }

  @Test
  void endsAWatchWhenTheInputEnds() throws Exception {
    String answer = ask("watch last\n");
    assertTrue(answer.contains("RUNNING") && answer.endsWith("\u0004ok\n"), answer);
  }

  @Test
  void showsAWatcherWhatHappensWhileItHappens() {
    assertTimeoutPreemptively(
        PATIENCE,
        () -> {
          try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path));
              Scanner lines = new Scanner(client, StandardCharsets.UTF_8)) {
            client.write(StandardCharsets.UTF_8.encode("watch last\n"));
            assertTrue(lines.nextLine().contains("demo-1 starts"));
            assertTrue(lines.nextLine().contains("RUNNING"));
            federation.run = FakeFederation.run(RunState.COMPLETED, 1);
            assertTrue(lines.nextLine().contains("round 1/10 closed"));
            assertTrue(lines.nextLine().contains("COMPLETED"));
            assertEquals("\u0004ok", lines.nextLine());
          }
        });
  }

  @Test
  void makesAFolderForItsOwnerAlone() throws Exception {
    assertEquals(
        "rwx------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())));
  }

  @Test
  void refusesAFolderThatOthersCanRead() throws Exception {
    Path open = Files.createDirectory(folder.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-x---"));
    Path there = open.resolve("x.sock");
    String message = assertThrows(Refused.class, () -> new ShellSocket(there, gogo)).getMessage();
    assertTrue(message.contains("chmod 700"), message);
    assertFalse(Files.exists(there));
  }

  @Test
  void refusesThePlaceOfANodeThatAnswers() {
    String message = assertThrows(Refused.class, () -> new ShellSocket(path, gogo)).getMessage();
    assertTrue(message.contains("another node"), message);
  }

  @Test
  void takesThePlaceOfANodeThatWasKilled() throws Exception {
    Path stale = path.resolveSibling("stale.sock");
    ServerSocketChannel killed =
        ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)
            .bind(UnixDomainSocketAddress.of(stale));
    killed.close();
    assertTrue(Files.exists(stale));
    try (ShellSocket second = new ShellSocket(stale, gogo)) {
      try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(stale))) {
        assertTrue(client.isConnected());
      }
    }
    assertFalse(Files.exists(stale));
  }

  /** Sends text, ends the input and reads to the end of the answer. */
  private String ask(String text) {
    return assertTimeoutPreemptively(
        PATIENCE,
        () -> {
          try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            client.write(StandardCharsets.UTF_8.encode(text));
            client.shutdownOutput();
            return new String(
                Channels.newInputStream(client).readAllBytes(), StandardCharsets.UTF_8);
          }
        });
  }
}
