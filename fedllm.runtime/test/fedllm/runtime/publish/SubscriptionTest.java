package fedllm.runtime.publish;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.BundleState;
import fedllm.api.run.BundleView;
import fedllm.api.run.Bundles;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import fedllm.format.Ed25519;
import fedllm.format.Sha256;
import fedllm.runtime.bundle.Bundled;
import fedllm.runtime.bundle.Gate;
import fedllm.runtime.bundle.Seal;
import fedllm.runtime.message.Notice;
import fedllm.runtime.message.Post;
import fedllm.testkit.transport.MemoryBroker;
import fedllm.testkit.transport.MemoryTransport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A plugins folder without a framework: what lies in it counts as running. */
@Timeout(120)
class SubscriptionTest {

  private static final String TOPIC = "fedllm.test.bundles";
  private static final KeyPair KEY = Ed25519.newPair();

  @TempDir private Path root;
  private final Transport transport = new MemoryTransport(new MemoryBroker());
  private final Sender sender = transport.sender();
  private final Post post = new Post(sender);
  private Path folder;
  private Path list;
  private Subscription subscription;

  @BeforeEach
  void lay() throws IOException {
    folder = Files.createDirectories(root.resolve("plugins"));
    list = root.resolve("plugins.approved");
    transport.create(TOPIC);
  }

  @AfterEach
  void close() {
    stop();
    sender.close();
  }

  private void stop() {
    if (subscription != null) {
      subscription.close();
      subscription = null;
    }
  }

  private void subscribe() {
    stop();
    Gate gate = new Gate(list, root.resolve("none"), false);
    Bundles follower =
        () -> {
          gate.refresh();
          return files().map(SubscriptionTest::view).toList();
        };
    subscription = new Subscription(transport, TOPIC, folder, "bank", gate, follower);
  }

  private Stream<Path> files() {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(f -> f.toString().endsWith(".jar")).sorted().toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static BundleView view(Path file) {
    try {
      String sha256 = Sha256.hex(Files.readAllBytes(file));
      return new BundleView(file.toString(), "", "", sha256, BundleView.RUNS, "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void approve() throws IOException {
    Files.writeString(list, "* key=" + Ed25519.text(KEY.getPublic()) + "\n");
  }

  private static byte[] large(String name, String version) {
    byte[] small = Bundled.bytes(name, version);
    return Arrays.copyOf(small, small.length + 3 * Transport.CHUNK_BYTES); // a jar's tail is free
  }

  /** Publishes a bundle as the server does. */
  private void publish(String name, String version, byte[] bytes, Seal seal) {
    int chunks = (bytes.length + Transport.CHUNK_BYTES - 1) / Transport.CHUNK_BYTES;
    long first = pieces(bytes, chunks);
    post.notice(
        TOPIC,
        new Notice.Published(
            name,
            version,
            Sha256.hex(bytes),
            bytes.length,
            chunks,
            first,
            seal == null ? "" : seal.line(),
            "kim",
            1));
  }

  private long pieces(byte[] bytes, int count) {
    long first = -1;
    for (int i = 0; i < count; i++) {
      int from = i * Transport.CHUNK_BYTES;
      int to = Math.min(bytes.length, from + Transport.CHUNK_BYTES);
      long at =
          Post.await(post.piece(TOPIC, Sha256.hex(bytes), i, Arrays.copyOfRange(bytes, from, to)));
      first = i == 0 ? at : first;
    }
    return first;
  }

  private static Seal sealed(byte[] bytes) {
    return Seal.of(KEY.getPrivate(), bytes);
  }

  private BundleState await(String name, Predicate<BundleState> until) {
    while (true) {
      for (BundleState state : subscription.states()) {
        if (state.name().equals(name) && until.test(state)) {
          return state;
        }
      }
      Thread.onSpinWait();
    }
  }

  private static Predicate<BundleState> is(String state) {
    return s -> s.state().equals(state);
  }

  private Path file(String name) {
    return folder.resolve(name + "-1.0.0-published.jar");
  }

  @Test
  void aSignedBundleOfAnApprovedPublisherArrivesWholeWithItsSignature() throws IOException {
    approve();
    byte[] bytes = large("krum", "1.0.0");
    subscribe();
    publish("krum", "1.0.0", bytes, sealed(bytes));
    await("krum", is(BundleView.RUNS));
    assertArrayEquals(bytes, Files.readAllBytes(file("krum")));
    assertEquals(sealed(bytes).line(), Files.readString(Seal.beside(file("krum"))).strip());
  }

  @Test
  void whatIsNotApprovedIsRefusedWithTheReasonAndNothingIsWritten() throws IOException {
    approve();
    byte[] bytes = Bundled.bytes("x", "1.0.0");
    subscribe();
    publish("unsigned", "1.0.0", Bundled.bytes("unsigned", "1.0.0"), null);
    publish("forged", "1.0.0", Bundled.bytes("forged", "1.0.0"), sealed(bytes));
    publish("other", "1.0.0", bytes, sealed(bytes));
    byte[] lost = large("lost", "1.0.0");
    long first = pieces(lost, 2); // the server was killed before the others
    post.notice(
        TOPIC,
        new Notice.Published(
            "lost", "1.0.0", Sha256.hex(lost), lost.length, 4, first, "", "kim", 1));
    byte[] lying = Bundled.bytes("lying", "1.0.0");
    first = pieces(lying, 1);
    post.notice(
        TOPIC,
        new Notice.Published(
            "lying", "1.0.0", "0".repeat(64), lying.length, 1, first, "", "kim", 1));
    String[][] reasons = {
      {"unsigned", "nobody signed it"},
      {"forged", "does not fit its bytes"},
      {"other", "published as another bundle than it is: x 1.0.0"},
      {"lost", "not whole"},
      {"lying", "another SHA-256"},
    };
    for (String[] reason : reasons) {
      String says = await(reason[0], is(BundleView.REFUSED)).says();
      assertTrue(says.contains(reason[1]), reason[0] + ": " + says);
      assertFalse(says.contains(root.toString()), says);
    }
    assertEquals(List.of(), files().toList());
  }

  @Test
  void withoutAListNothingComesInUntilThereIsOne() throws IOException {
    byte[] bytes = Bundled.bytes("krum", "1.0.0");
    publish("krum", "1.0.0", bytes, sealed(bytes));
    subscribe();
    String says = await("krum", is(BundleView.REFUSED)).says();
    assertTrue(says.contains("no approved list here"), says);
    assertEquals(List.of(), files().toList());
    approve();
    await("krum", is(BundleView.RUNS));
  }

  @Test
  void whoWasAwayGetsTheLatestAloneAndNothingThatWasTakenBack() throws IOException {
    approve();
    byte[] first = Bundled.bytes("krum", "1.0.0");
    byte[] second = large("krum", "1.0.0");
    byte[] gone = Bundled.bytes("gone", "1.0.0");
    subscribe();
    publish("gone", "1.0.0", gone, sealed(gone));
    await("gone", is(BundleView.RUNS));
    stop();
    publish("krum", "1.0.0", first, sealed(first));
    publish("krum", "1.0.0", second, sealed(second));
    post.notice(TOPIC, new Notice.Withdrawn("gone", "1.0.0", "kim", 2));
    Path half = folder.resolve(".krum-1.0.0-published.jar.bank.part"); // killed in the middle
    Path foreign = folder.resolve(".krum-1.0.0-published.jar.school.part");
    Files.write(half, new byte[7]);
    Files.write(foreign, new byte[7]);
    subscribe();
    await("krum", is(BundleView.RUNS));
    await("gone", is(BundleState.GONE));
    assertArrayEquals(second, Files.readAllBytes(file("krum")));
    assertEquals(List.of(file("krum")), files().toList());
    assertFalse(Files.exists(Seal.beside(file("gone"))));
    assertFalse(Files.exists(half));
    assertTrue(Files.exists(foreign), "another node writes it");
  }

  @Test
  void whatIsNoNoticeIsPassedOver() throws IOException {
    approve();
    for (String garbage :
        List.of(
            "{",
            "{\"notice\":\"published\",\"name\":\"../../etc/x\",\"version\":\"1.0.0\"}",
            "{\"notice\":\"withdrawn\",\"name\":\"a/b\",\"version\":\"1\",\"by\":\"\"}",
            "{\"notice\":\"invented\"}")) {
      Post.await(sender.send(TOPIC, Map.of(), garbage.getBytes(StandardCharsets.UTF_8)));
    }
    byte[] bytes = Bundled.bytes("krum", "1.0.0");
    publish("krum", "1.0.0", bytes, sealed(bytes));
    subscribe();
    await("krum", is(BundleView.RUNS));
    assertEquals(1, subscription.states().size());
  }
}
