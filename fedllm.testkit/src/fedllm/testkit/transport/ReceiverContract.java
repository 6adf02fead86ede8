package fedllm.testkit.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every receiver promises, and what the tests of a transport stand on. */
abstract class ReceiverContract {

  /** Longer than any answer takes: only a broken transport waits for it. */
  private static final long PATIENCE_MS = 30_000;

  final String prefix = "contract." + UUID.randomUUID() + ".";
  private Transport transport;

  /** One more transport on the broker that the whole test shares. */
  protected abstract Transport open();

  @BeforeEach
  final void openOne() {
    transport = open();
  }

  @AfterEach
  final void removeTopics() {
    transport.delete(transport.topics(prefix));
    transport.close();
  }

  @Test
  void followsFromAnyOffset() {
    String topic = topic("middle");
    List<Long> offsets = send(topic, 10);
    try (Receiver receiver = transport.receiver()) {
      receiver.follow(topic, offsets.get(6));
      assertEquals(List.of("6", "7", "8", "9"), numbers(read(receiver, 4)));
      receiver.follow(topic, offsets.get(2));
      assertEquals("2", read(receiver, 8).get(0).header("n"), "following again moves the place");
    }
  }

  @Test
  void followsFromTheEnd() {
    String topic = topic("tail");
    send(topic, 3);
    try (Receiver receiver = transport.receiver()) {
      receiver.follow(topic, receiver.end(topic));
      send(topic, 1);
      assertEquals(List.of("0"), numbers(read(receiver, 1)));
      assertEquals(List.of(), receiver.poll(50));
    }
  }

  @Test
  void refusesATopicThatIsMissingAndAnOffsetBeyondTheEnd() {
    String topic = topic("short");
    send(topic, 1);
    try (Receiver receiver = transport.receiver();
        Sender sender = transport.sender()) {
      assertNamed(prefix + "missing", () -> receiver.follow(prefix + "missing", 0));
      assertNamed(topic, () -> receiver.follow(topic, 1000));
      assertNamed(
          prefix + "missing", () -> sender.send(prefix + "missing", Map.of(), new byte[1]).join());
    }
    assertThrows(IllegalArgumentException.class, () -> transport.create(prefix + "with space"));
  }

  @Test
  void everyReaderReadsTheOneCopy() {
    String topic = topic("readers");
    send(topic, 20);
    try (Transport other = open();
        Receiver first = transport.receiver();
        Receiver second = transport.receiver();
        Receiver elsewhere = other.receiver()) {
      List<List<String>> seen = new ArrayList<>();
      for (Receiver receiver : List.of(first, second, elsewhere)) {
        receiver.follow(topic, 0);
        seen.add(numbers(read(receiver, 20)));
      }
      assertEquals(20, Set.copyOf(seen.get(0)).size());
      assertEquals(seen.get(0), seen.get(1));
      assertEquals(seen.get(0), seen.get(2));
    }
  }

  @Test
  void aPausedTopicLosesNothing() {
    String paused = topic("paused");
    String live = topic("live");
    send(paused, 5);
    try (Receiver receiver = transport.receiver()) {
      receiver.follow(paused, 0);
      receiver.follow(live, 0);
      assertEquals("0", read(receiver, 5).get(0).header("n"));
      receiver.pause(List.of(paused));
      send(paused, 7);
      send(live, 2);
      List<Record> records = read(receiver, 2);
      records.addAll(receiver.poll(100));
      assertEquals(Set.of(live), topicsOf(records));
      assertEquals(List.of("0", "1"), numbers(records));
      receiver.resume(List.of(paused));
      assertEquals(List.of("0", "1", "2", "3", "4", "5", "6"), numbers(read(receiver, 7)));
    }
  }

  @Test
  void whatIsNoLongerFollowedIsNoLongerHandedOut() {
    String left = topic("left");
    String kept = topic("kept");
    try (Receiver receiver = transport.receiver()) {
      receiver.follow(left, 0);
      receiver.follow(kept, 0);
      receiver.unfollow(left);
      send(left, 3);
      send(kept, 3);
      List<Record> records = read(receiver, 3);
      records.addAll(receiver.poll(100));
      assertEquals(Set.of(kept), topicsOf(records));
      assertEquals(3, records.size());
    }
  }

  @Test
  void aPollWithoutRecordsEndsAfterItsTime() {
    String topic = topic("empty");
    try (Receiver receiver = transport.receiver()) {
      assertEquals(List.of(), timed(200, () -> receiver.poll(200)), "nothing is followed");
      receiver.follow(topic, 0);
      assertEquals(List.of(), timed(200, () -> receiver.poll(200)), "nothing is there");
    }
  }

  @Test
  void aWakeUpEndsAPollFromAnotherThreadAndLosesNothing() throws Exception {
    String topic = topic("woken");
    try (Receiver receiver = transport.receiver()) {
      for (boolean following : new boolean[] {false, true}) {
        if (following) {
          receiver.follow(topic, 0);
        }
        CountDownLatch polling = new CountDownLatch(1);
        CompletableFuture<List<Record>> polled =
            CompletableFuture.supplyAsync(
                () -> {
                  polling.countDown();
                  return receiver.poll(PATIENCE_MS);
                });
        polling.await();
        receiver.wakeup();
        assertEquals(List.of(), polled.get(PATIENCE_MS / 2, TimeUnit.MILLISECONDS));
      }
      receiver.wakeup();
      assertEquals(0, receiver.end(topic), "a wake-up is for poll alone");
      assertEquals(List.of(), receiver.poll(PATIENCE_MS), "and not forgotten until then");
      send(topic, 2);
      assertEquals(List.of("0", "1"), numbers(read(receiver, 2)));
    }
  }

  @Test
  void oneCallHandsOutABoundedNumberOfBytes() {
    String topic = topic("bounded");
    try (Sender sender = transport.sender()) {
      for (int i = 0; i < 96; i++) {
        var unused = sender.send(topic, Map.of(), new byte[Transport.CHUNK_BYTES]);
      }
    }
    try (Receiver receiver = transport.receiver()) {
      receiver.follow(topic, 0);
      int left = 96;
      while (left > 0) {
        List<Record> records = poll(receiver);
        assertTrue(records.size() <= 32, records.size() + " MiB at once");
        left -= records.size();
      }
    }
  }

  /** Makes a topic of this test. */
  protected final String topic(String name) {
    transport.create(prefix + name);
    return prefix + name;
  }

  /** The transport that the test has open. */
  protected final Transport transport() {
    return transport;
  }

  /** Reads until there are at least so many records; more than those is an error. */
  protected static List<Record> read(Receiver receiver, int count) {
    List<Record> records = new ArrayList<>();
    while (records.size() < count) {
      records.addAll(poll(receiver));
    }
    assertEquals(count, records.size());
    return records;
  }

  private static List<Record> poll(Receiver receiver) {
    List<Record> records = receiver.poll(PATIENCE_MS);
    assertFalse(records.isEmpty(), "nothing came for " + PATIENCE_MS + " ms");
    return records;
  }

  final List<Long> send(String topic, int count) {
    try (Sender sender = transport.sender()) {
      List<CompletableFuture<Long>> offsets = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        offsets.add(sender.send(topic, Map.of("n", "" + i), text("body " + i)));
      }
      return offsets.stream().map(CompletableFuture::join).toList();
    }
  }

  static List<String> numbers(List<Record> records) {
    return records.stream().map(record -> record.header("n")).toList();
  }

  private static Set<String> topicsOf(List<Record> records) {
    Set<String> topics = new HashSet<>();
    records.forEach(record -> topics.add(record.topic()));
    return topics;
  }

  private static void assertNamed(String name, Runnable failing) {
    String message = assertThrows(IllegalArgumentException.class, failing::run).getMessage();
    assertTrue(message.contains(name), message);
  }

  private interface Polling {
    List<Record> poll();
  }

  private static List<Record> timed(long atLeastMs, Polling polling) {
    long start = System.nanoTime();
    List<Record> records = polling.poll();
    long tookMs = (System.nanoTime() - start) / 1_000_000;
    assertTrue(tookMs >= atLeastMs - 5, "came back after " + tookMs + " ms");
    return records;
  }

  static byte[] text(String text) {
    return text.getBytes(UTF_8);
  }

  static String text(Record record) {
    return UTF_8.decode(record.body().duplicate()).toString();
  }
}
