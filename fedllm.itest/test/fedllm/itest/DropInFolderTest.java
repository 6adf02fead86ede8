package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.Federation;
import fedllm.api.run.OptionView;
import fedllm.api.run.PluginView;
import fedllm.testkit.transport.MemoryBroker;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.JarInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.ops4j.pax.tinybundles.TinyBundles;
import org.osgi.framework.Bundle;

/** A server in Felix follows its plugins folder; every test leaves the folder empty. */
@Timeout(300)
class DropInFolderTest {

  private static final String FEDAVG = "fedllm.strategies.fedavg";
  private static final String BF16 = "fedllm.codecs.bf16";

  @TempDir private static Path folder;

  private static Path plugins;
  private static FelixNode server;
  private static Federation federation;

  @BeforeAll
  static void start() throws IOException {
    plugins = Files.createDirectories(folder.resolve("plugins"));
    server = new FelixNode("server", "server", folder.resolve("s"), plugins, new MemoryBroker());
    federation = server.federation();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void emptyTheFolder() throws IOException {
    try (var files = Files.list(plugins)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    awaitVersions("strategy", "fedavg", List.of());
    awaitVersions("codec", "bf16", List.of());
    Await.until(FEDAVG + " stays", () -> server.bundles(FEDAVG).isEmpty());
  }

  private static List<PluginView> plugins(String kind, String name) {
    return federation.plugins().stream()
        .filter(plugin -> plugin.kind().equals(kind) && plugin.name().equals(name))
        .toList();
  }

  private static void awaitVersions(String kind, String name, List<String> versions) {
    Await.until(
        kind + " " + name + " is not there as " + versions,
        () -> plugins(kind, name).stream().map(PluginView::version).toList().equals(versions));
  }

  @Test
  void aPluginArrivesAndIsListedWithWhatItsAnnotationsSay() {
    Jars.drop(Jars.house("fedllm.codecs.topk"), plugins);
    awaitVersions("codec", "topk", List.of("0.1.0"));
    PluginView topk = plugins("codec", "topk").get(0);
    assertEquals("arXiv:1704.05021", topk.paper());
    assertEquals(List.of("server"), topk.where());
    OptionView share =
        topk.options().stream().filter(o -> o.name().equals("share")).findFirst().orElseThrow();
    assertEquals("number", share.type());
    assertEquals("0.01", share.preset());
    assertTrue(share.range().contains("1"), share.range());
  }

  @Test
  void aNewerVersionStandsBesideTheOlderUntilThatIsTakenOut() {
    Path old = Jars.drop(Jars.house(FEDAVG), plugins);
    awaitVersions("strategy", "fedavg", List.of("0.1.0"));
    Bundle first = server.bundles(FEDAVG).get(0);
    Jars.drop(Jars.sample(FEDAVG), plugins);
    awaitVersions("strategy", "fedavg", List.of("0.1.0", "0.2.0"));
    assertEquals(Bundle.ACTIVE, first.getState());
    assertTrue(plugins("strategy", "fedavg").get(1).does().contains("sample 0.2.0"));
    Jars.takeOut(old);
    awaitVersions("strategy", "fedavg", List.of("0.2.0"));
    Await.until(first + " stays", () -> first.getState() == Bundle.UNINSTALLED);
  }

  @Test
  void whatIsTakenOutAndPutBackIsThereAgain() {
    Path jar = Jars.drop(Jars.house(BF16), plugins);
    awaitVersions("codec", "bf16", List.of("0.1.0"));
    Bundle first = server.bundles(BF16).get(0);
    Jars.takeOut(jar);
    awaitVersions("codec", "bf16", List.of());
    Await.until(first + " stays", () -> first.getState() == Bundle.UNINSTALLED);
    Jars.drop(Jars.house(BF16), plugins);
    awaitVersions("codec", "bf16", List.of("0.1.0"));
  }

  @Test
  void aFileOverwrittenByAnotherVersionIsThatVersion() throws IOException {
    Path jar = Jars.drop(Jars.house(FEDAVG), plugins);
    awaitVersions("strategy", "fedavg", List.of("0.1.0"));
    replace(jar, Jars.sample(FEDAVG).file());
    awaitVersions("strategy", "fedavg", List.of("0.2.0"));
  }

  @Test
  void aJarBuiltAnewWithTheSameVersionTakesThePlaceOfTheOld() throws IOException {
    Path jar = Jars.drop(Jars.house(FEDAVG), plugins);
    awaitVersions("strategy", "fedavg", List.of("0.1.0"));
    Bundle first = server.bundles(FEDAVG).get(0);
    Path rebuilt = folder.resolve("rebuilt.jar");
    try (JarInputStream in = new JarInputStream(Files.newInputStream(jar))) {
      Files.copy(
          TinyBundles.bundle()
              .readIn(in)
              .setHeader("Bundle-Description", "built anew")
              .build(TinyBundles.rawBuilder()),
          rebuilt,
          StandardCopyOption.REPLACE_EXISTING);
    }
    replace(jar, rebuilt);
    Await.until(
        "the new build is not there",
        () ->
            server.bundles(FEDAVG).stream()
                .anyMatch(
                    b ->
                        b.getState() == Bundle.ACTIVE
                            && "built anew".equals(b.getHeaders().get("Bundle-Description"))));
    assertEquals(Bundle.UNINSTALLED, first.getState());
    awaitVersions("strategy", "fedavg", List.of("0.1.0"));
  }

  private static void replace(Path jar, Path by) throws IOException {
    Path part = jar.resolveSibling(".part");
    Files.copy(by, part);
    Files.move(part, jar, StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void aBrokenJarIsNamedInTheLogAndHarmsNobody() throws IOException {
    Files.writeString(plugins.resolve("broken-1.jar"), "this is no jar");
    Jars.drop(Jars.house(BF16), plugins);
    awaitVersions("codec", "bf16", List.of("0.1.0"));
    String log = Files.readString(server.log());
    assertTrue(
        log.lines().anyMatch(line -> line.contains("WARN") && line.contains("broken-1.jar")), log);
  }

  @Test
  void aBundleWaitsForThePackagesThatItImports() throws IOException {
    Path needy = plugins.resolve("needy.jar");
    copy(
        TinyBundles.bundle()
            .symbolicName("needy")
            .setHeader("Bundle-ManifestVersion", "2")
            .setHeader("Import-Package", "to.come")
            .build(TinyBundles.rawBuilder()),
        needy);
    Jars.drop(Jars.house(BF16), plugins);
    awaitVersions("codec", "bf16", List.of("0.1.0"));
    assertEquals(Bundle.INSTALLED, server.bundles("needy").get(0).getState());
    copy(
        TinyBundles.bundle()
            .symbolicName("giving")
            .setHeader("Bundle-ManifestVersion", "2")
            .setHeader("Export-Package", "to.come")
            .build(TinyBundles.rawBuilder()),
        plugins.resolve("giving.jar"));
    Await.until(
        "needy does not start", () -> server.bundles("needy").get(0).getState() == Bundle.ACTIVE);
    assertNotEquals(0, server.bundles("giving").size());
  }

  private static void copy(InputStream bundle, Path jar) throws IOException {
    try (bundle) {
      Path part = jar.resolveSibling("." + jar.getFileName());
      Files.copy(bundle, part);
      Files.move(part, jar, StandardCopyOption.ATOMIC_MOVE);
    }
  }
}
