package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Refused;
import fedllm.api.error.Unreachable;
import fedllm.api.run.PublishedView;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Transport;
import fedllm.cli.node.ShellClient;
import fedllm.format.Ed25519;
import fedllm.format.Sha256;
import fedllm.runtime.bundle.Seal;
import fedllm.transport.kafka.KafkaTransportFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Server and silo are killed while a large bundle is on its way, and nothing is left half. */
@Timeout(600)
class PublishEndToEndTest {

  private static final KeyPair KEY = Ed25519.newPair();
  private static final String TOPIC = "fedllm.sites.bundles";
  private static final int LARGE = 24 << 20;

  @TempDir private static Path folder;

  private static Sites sites;

  @BeforeAll
  static void start() throws IOException {
    sites = new Sites(folder.resolve("work"));
    sites.start("server", null, null);
    String list = "shipped\n* key=" + Ed25519.text(KEY.getPublic()) + "\n";
    sites.start("south", "bases: {}\n", list);
    sites.await("server", "fedllm:silos", "south");
    sites.await("south", "fedllm:plugins", "approved by shipped:");
  }

  @AfterAll
  static void stop() {
    sites.close();
  }

  private static Path bundle(String name) throws IOException {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.putValue("Bundle-ManifestVersion", "2");
    main.putValue("Bundle-SymbolicName", name);
    main.putValue("Bundle-Version", "1.0.0");
    byte[] noise = new byte[LARGE];
    new Random(5).nextBytes(noise);
    Path jar = folder.resolve(name + ".jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      out.putNextEntry(new JarEntry("noise"));
      out.write(noise);
    }
    Seal seal = Seal.of(KEY.getPrivate(), Files.readAllBytes(jar));
    Files.writeString(Seal.beside(jar), seal.line());
    return jar;
  }

  private static void publish(Path jar) {
    sites.ask("server", "fedllm:publish " + ShellClient.quoted(jar.toString()));
  }

  private static void awaitEverywhere(String name) {
    Await.until(
        name + " does not run everywhere",
        () -> {
          try {
            String json = sites.ask("server", "fedllm:publish --json");
            return Stream.of(new ObjectMapper().readValue(json, PublishedView[].class))
                .filter(view -> view.name().equals(name))
                .anyMatch(view -> view.where().equals(Map.of("server", "runs", "south", "runs")));
          } catch (Unreachable | Refused e) {
            return false;
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  private static List<Path> files(String pattern) {
    try (Stream<Path> all = Files.list(sites.plugins("south"))) {
      return all.filter(f -> f.getFileName().toString().matches(pattern)).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void assertWhole(Path jar, String name) throws IOException {
    List<Path> there = files(name + "-1.0.0-published.jar");
    assertEquals(1, there.size());
    assertEquals(Sha256.hex(jar), Sha256.hex(there.get(0)));
    assertEquals(List.of(), files("\\..*"), "half files");
  }

  @Test
  void aSiloThatIsKilledWhileABundleArrivesHasItWholeWhenItIsBack() throws IOException {
    Path jar = bundle("acme.killed-silo");
    publish(jar);
    Await.until("nothing arrives", () -> !files(".*acme\\.killed-silo.*").isEmpty());
    sites.kill9("south");
    System.out.println("killed with " + files(".*acme\\.killed-silo.*"));
    sites.start("south");
    awaitEverywhere("acme.killed-silo");
    assertWhole(jar, "acme.killed-silo");
  }

  @Test
  void aNodeWithAWrongListEndsAndSaysWhichLineItIs() throws Exception {
    sites.start("odd", "bases: {}\n", "shipped\nkrum\n");
    assertEquals(1, sites.end("odd"));
    String log = Files.readString(sites.state("odd").resolve("node.log"));
    assertTrue(log.contains("plugins.approved:2: a name proves nothing"), log);
  }

  @Test
  void aServerThatIsKilledWhileItPublishesLeavesNothingHalf() throws IOException {
    Path jar = bundle("acme.killed-server");
    try (Transport transport =
            new KafkaTransportFactory().open(Map.of("bootstrap.servers", sites.bootstrap()));
        Receiver receiver = transport.receiver()) {
      long before = receiver.end(TOPIC);
      CompletableFuture<Void> publishing = CompletableFuture.runAsync(() -> publish(jar));
      Await.until("no piece is sent", () -> receiver.end(TOPIC) > before);
      sites.kill9("server");
      publishing.exceptionally(failure -> null).join();
      System.out.println("killed after " + (receiver.end(TOPIC) - before) + " records");
    }
    sites.start("server");
    sites.await("server", "fedllm:silos", "south");
    publish(jar);
    awaitEverywhere("acme.killed-server");
    assertWhole(jar, "acme.killed-server");
  }
}
