package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.run.DeedView;
import fedllm.api.run.Federation;
import fedllm.api.run.PublishedView;
import fedllm.cli.node.ShellClient;
import fedllm.format.Ed25519;
import fedllm.runtime.bundle.Seal;
import fedllm.testkit.transport.MemoryBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server and silos with lists of their own, each in a Felix with a plugins folder of its own. */
@Timeout(300)
class PublishTest {

  private static final String FEDAVG = "fedllm.strategies.fedavg";
  private static final KeyPair KEY = Ed25519.newPair();
  private static final String PUBLIC = Ed25519.text(KEY.getPublic());

  @TempDir private static Path folder;

  private static final MemoryBroker BROKER = new MemoryBroker();
  private static final Map<String, FelixNode> NODES = new TreeMap<>();

  @BeforeAll
  static void start() throws IOException {
    startNode("server", null);
    startNode("closed", null);
    startNode("trusting", "* key=" + PUBLIC);
    startNode("choosy", "other.* key=" + PUBLIC);
    await("the silos do not join", () -> federation().silos().size() == 3);
  }

  @AfterAll
  static void stop() {
    NODES.values().forEach(FelixNode::close);
  }

  private static void startNode(String name, String list) throws IOException {
    Path state = Files.createDirectories(folder.resolve(name));
    if (list != null) {
      Files.writeString(state.resolve("plugins.approved"), list + "\n");
    }
    Path plugins = Files.createDirectories(state.resolve("plugins"));
    String role = name.equals("server") ? "server" : "silo";
    NODES.put(name, new FelixNode(role, name, state, plugins, BROKER));
  }

  private static void restart(String name) throws IOException {
    NODES.remove(name).close();
    startNode(name, null);
  }

  private static Federation federation() {
    return NODES.get("server").federation();
  }

  private static void await(String what, BooleanSupplier until) {
    Await.until(what, until);
  }

  private static PublishedView published() {
    return federation().published().get(0);
  }

  private static void awaitWhere(String node, String state) {
    await(
        node + " is not " + state,
        () -> published().where().getOrDefault(node, "").startsWith(state));
  }

  private static List<String> files(String node) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(node).resolve("plugins"))) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aBundleGoesToThoseWhoseListsLetItInAndCanBeTakenBack() throws IOException {
    Path jar = folder.resolve("krum.jar");
    Files.copy(Jars.house(FEDAVG).file(), jar);
    Seal seal = Seal.of(KEY.getPrivate(), Files.readAllBytes(jar));
    Files.writeString(Seal.beside(jar), seal.line() + "\n");
    try (ShellClient shell = new ShellClient(NODES.get("server").shell())) {
      shell.ask("fedllm:publish " + ShellClient.quoted(jar.toString()));
    }
    for (String node : List.of("server", "trusting")) {
      awaitWhere(node, "runs");
      assertEquals(1, NODES.get(node).bundles(FEDAVG).size());
      assertEquals(
          List.of(FEDAVG + "-0.1.0-published.jar", FEDAVG + "-0.1.0-published.jar.sig"),
          files(node));
    }
    awaitWhere("closed", "refused: there is no approved list here");
    awaitWhere("choosy", "refused: the approved list has its publisher's key, but not for");
    for (String node : List.of("closed", "choosy")) {
      assertEquals(List.of(), NODES.get(node).bundles(FEDAVG));
      assertEquals(List.of(), files(node));
    }
    await(
        "the plugin is not listed as trusting's",
        () -> federation().plugins().stream().anyMatch(p -> p.where().contains("trusting")));

    restart("trusting"); // who comes back has it, and is told of it, without asking
    restart("server"); // and a server that comes back knows who has it
    for (String node : List.of("server", "trusting")) {
      awaitWhere(node, "runs");
    }
    awaitWhere("closed", "refused");
    startNode("late", "* key=" + PUBLIC);
    awaitWhere("late", "runs");

    try (ShellClient shell = new ShellClient(NODES.get("server").shell())) {
      String refused =
          assertThrows(Refused.class, () -> shell.ask("fedllm:withdraw no.such 1.0.0"))
              .getMessage();
      assertTrue(refused.contains("there are [" + FEDAVG + " 0.1.0]"), refused);
      shell.ask("fedllm:withdraw " + FEDAVG + " 0.1.0");
    }
    for (String node : List.of("server", "trusting", "late")) {
      awaitWhere(node, "gone");
      await(FEDAVG + " stays at " + node, () -> NODES.get(node).bundles(FEDAVG).isEmpty());
      assertEquals(List.of(), files(node));
    }
    assertTrue(published().withdrawn());
    assertTrail();
  }

  private static void assertTrail() throws IOException {
    List<DeedView> deeds = federation().audit();
    assertEquals(List.of("publish", "withdraw"), deeds.stream().map(DeedView::what).toList());
    for (DeedView deed : deeds) {
      assertEquals(Files.getOwner(folder).getName(), deed.who());
      assertEquals("server", deed.node());
      assertTrue(deed.detail().startsWith(FEDAVG + " 0.1.0"), deed.detail());
    }
  }

  @Test
  void whatIsWrongIsRefusedBeforeItIsSent() throws IOException {
    byte[] jar = Files.readAllBytes(Jars.house(FEDAVG).file());
    List<PublishedView> before = federation().published();
    String forged = Seal.of(KEY.getPrivate(), new byte[3]).line();
    assertRefused(jar, forged, "does not fit its bytes");
    assertRefused(jar, "ed25519 x", "not of the form");
    assertRefused(new byte[100], "", "no bundle");
    assertRefused(new byte[(32 << 20) + 1], "", "at most 33554432");
    assertEquals(before.size(), federation().published().size());
  }

  private static void assertRefused(byte[] jar, String signature, String why) {
    String message =
        assertThrows(Refused.class, () -> federation().publish(jar, signature)).getMessage();
    assertTrue(message.contains(why), message);
  }
}
