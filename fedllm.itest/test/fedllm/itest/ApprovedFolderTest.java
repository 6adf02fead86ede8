package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.BundleView;
import fedllm.api.run.Bundles;
import fedllm.cli.node.PluginJar;
import fedllm.cli.node.ShellClient;
import fedllm.format.Ed25519;
import fedllm.runtime.bundle.ApprovedList;
import fedllm.runtime.bundle.PluginBundle;
import fedllm.runtime.bundle.Seal;
import fedllm.testkit.transport.MemoryBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server in Felix whose administrator has a list runs what the list allows. */
@Timeout(300)
class ApprovedFolderTest {

  private static final String FEDAVG = "fedllm.strategies.fedavg";
  private static final String BF16 = "fedllm.codecs.bf16";
  private static final KeyPair KEY = Ed25519.newPair();

  @TempDir private static Path folder;

  private static Path plugins;
  private static Path list;
  private static FelixNode server;

  @BeforeAll
  static void start() throws IOException {
    plugins = Files.createDirectories(folder.resolve("plugins"));
    list = Files.createDirectories(folder.resolve("s")).resolve("plugins.approved");
    Files.writeString(list, FEDAVG + " key=" + Ed25519.text(KEY.getPublic()) + "\n");
    server = new FelixNode("server", "server", folder.resolve("s"), plugins, new MemoryBroker());
    server.federation();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static List<BundleView> bundles() {
    return server
        .context()
        .getService(server.context().getServiceReference(Bundles.class))
        .bundles();
  }

  private static BundleView await(Path jar, String state) {
    return Await.present(
        jar.getFileName() + " does not become " + state,
        () ->
            bundles().stream()
                .filter(b -> b.file().equals(jar.getFileName().toString()))
                .filter(b -> b.state().equals(state))
                .findFirst());
  }

  private static void sign(PluginJar jar) throws IOException {
    Path target = plugins.resolve(jar.name() + "-" + jar.version() + ".jar");
    Seal seal = Seal.of(KEY.getPrivate(), Files.readAllBytes(jar.file()));
    Files.writeString(Seal.beside(target), seal.line());
  }

  @Test
  void whatIsNotApprovedIsNeverInstalledUntilItIs() throws IOException {
    PluginJar fedavg = Jars.house(FEDAVG);
    Path dropped = Jars.drop(fedavg, plugins);
    BundleView refused = await(dropped, BundleView.REFUSED);
    assertTrue(refused.says().contains("nobody signed it"), refused.says());
    assertEquals(List.of(), server.bundles(FEDAVG));
    assertTrue(Files.readString(server.log()).contains("is refused and not installed"));

    sign(fedavg); // the signature may come later than the jar
    assertEquals("approved by plugins.approved:1", await(dropped, BundleView.RUNS).says());

    PluginJar bf16 = Jars.house(BF16);
    sign(bf16);
    Path foreign = Jars.drop(bf16, plugins);
    refused = await(foreign, BundleView.REFUSED);
    assertTrue(refused.says().contains("but not for " + BF16 + " 0.1.0"), refused.says());
    assertEquals(List.of(), server.bundles(BF16));
    try (ShellClient shell = new ShellClient(server.shell())) {
      String table = shell.ask("fedllm:plugins");
      assertTrue(table.contains("bf16-0.1.0.jar"), table);
      assertTrue(table.contains("but not for " + BF16), table);
    }

    // The administrator has second thoughts about both.
    Files.writeString(list, ApprovedList.ruleFor(PluginBundle.read(foreign)) + "\n");
    await(foreign, BundleView.RUNS);
    await(dropped, BundleView.REFUSED);
    Await.until(FEDAVG + " stays", () -> server.bundles(FEDAVG).isEmpty());

    Files.writeString(Seal.beside(foreign), Seal.of(KEY.getPrivate(), new byte[9]).line());
    refused = await(foreign, BundleView.REFUSED);
    assertTrue(refused.says().contains("does not fit its bytes"), refused.says());
    Await.until(BF16 + " stays", () -> server.bundles(BF16).isEmpty());
  }
}
