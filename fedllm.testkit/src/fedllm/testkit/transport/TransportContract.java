package fedllm.testkit.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Traffic;
import fedllm.api.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What every transport promises; a transport's test extends it and opens its own. */
public abstract class TransportContract extends ReceiverContract {

  @Test
  void keepsTheOrderOfATopicAndItsOffsetsGrow() {
    String topic = topic("order");
    List<Long> promised = new ArrayList<>();
    try (Sender sender = transport().sender()) {
      List<CompletableFuture<Long>> sent = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        sent.add(sender.send(topic, Map.of("n", "" + i), text("body " + i)));
      }
      sent.forEach(offset -> promised.add(offset.join()));
    }
    try (Receiver receiver = transport().receiver()) {
      receiver.follow(topic, 0);
      List<Record> records = read(receiver, 200);
      for (int i = 0; i < 200; i++) {
        assertEquals("" + i, records.get(i).header("n"));
        assertEquals("body " + i, text(records.get(i)));
        assertEquals(promised.get(i), records.get(i).offset());
        assertTrue(i == 0 || promised.get(i) > promised.get(i - 1), "offsets grow");
      }
    }
  }

  @Test
  void listsAndDeletesTopicsByTheirNames() {
    String one = topic("list.one");
    String two = topic("list.two");
    String other = topic("other");
    transport().create(one); // again changes nothing
    assertEquals(Set.of(one, two), transport().topics(prefix + "list."));
    transport().delete(List.of(one, prefix + "missing"));
    assertEquals(Set.of(two, other), transport().topics(prefix));
  }

  @Test
  void forgottenRecordsAreGoneAndTheOthersKeepTheirPlaces() {
    String topic = topic("forgotten");
    List<Long> offsets = send(topic, 10);
    transport().forget(topic, offsets.get(4));
    try (Receiver receiver = transport().receiver()) {
      receiver.follow(topic, 0);
      List<Record> records = read(receiver, 6);
      assertEquals(List.of("4", "5", "6", "7", "8", "9"), numbers(records));
      assertEquals(offsets.subList(4, 10), records.stream().map(Record::offset).toList());
      long end = receiver.end(topic);
      transport().forget(topic, end);
      assertEquals(end, receiver.end(topic));
      assertEquals(List.of(end), send(topic, 1));
    }
  }

  @Test
  void carriesBodiesOfAWholeChunkAndRefusesMore() {
    String topic = topic("large");
    Random random = new Random(5);
    List<byte[]> bodies = new ArrayList<>();
    try (Sender sender = transport().sender()) {
      for (int i = 0; i < 40; i++) {
        byte[] body = new byte[i % 8 == 7 ? 0 : Transport.CHUNK_BYTES];
        random.nextBytes(body);
        bodies.add(body.clone());
        var unused = sender.send(topic, Map.of(), body);
      }
      assertThrows(
          IllegalArgumentException.class,
          () -> sender.send(topic, Map.of(), new byte[Transport.CHUNK_BYTES + 1]));
    }
    try (Receiver receiver = transport().receiver()) {
      receiver.follow(topic, 0);
      List<Record> records = read(receiver, 40);
      for (int i = 0; i < 40; i++) {
        assertArrayEquals(bodies.get(i), bytes(records.get(i)));
      }
    }
  }

  @Test
  void headersSpeakAnyLanguage() {
    String topic = topic("headers");
    Map<String, String> headers =
        Map.of("silo", "hôpital-Łódź-病院-🏥", "größe", "∞", "empty", "", "kind", "BEGIN");
    try (Sender sender = transport().sender();
        Receiver receiver = transport().receiver()) {
      var unused = sender.send(topic, headers, new byte[0]).join();
      receiver.follow(topic, 0);
      Record record = read(receiver, 1).get(0);
      assertEquals(headers, record.headers());
      assertEquals(0, record.body().remaining());
    }
  }

  @Test
  void manyThreadsWriteToTopicsOfTheirOwn() {
    List<String> topics = List.of(topic("a"), topic("b"), topic("c"), topic("d"));
    try (Sender sender = transport().sender();
        Receiver receiver = transport().receiver()) {
      List<CompletableFuture<Void>> writers = new ArrayList<>();
      for (String topic : topics) {
        receiver.follow(topic, 0);
        writers.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int i = 0; i < 100; i++) {
                    var unused = sender.send(topic, Map.of("n", "" + i), new byte[10_000]);
                  }
                }));
      }
      List<Record> records = read(receiver, 400);
      writers.forEach(CompletableFuture::join);
      for (String topic : topics) {
        List<Record> own = records.stream().filter(r -> r.topic().equals(topic)).toList();
        assertEquals(100, own.size(), topic);
        for (int i = 0; i < 100; i++) {
          assertEquals("" + i, own.get(i).header("n"));
        }
      }
    }
  }

  @Test
  void countsTheBytesOnTheWire() {
    String topic = topic("traffic");
    Traffic before = transport().traffic();
    try (Sender sender = transport().sender()) {
      for (int i = 0; i < 4; i++) {
        var unused = sender.send(topic, Map.of(), new byte[Transport.CHUNK_BYTES]);
      }
    }
    try (Receiver receiver = transport().receiver()) {
      receiver.follow(topic, 0);
      read(receiver, 4);
    }
    Traffic since = transport().traffic().since(before);
    long payload = 4L * Transport.CHUNK_BYTES;
    assertTrue(since.sent() >= payload && since.sent() < payload * 1.1, "sent " + since.sent());
    assertTrue(
        since.received() >= payload && since.received() < payload * 1.1,
        "received " + since.received());
  }

  private static byte[] bytes(Record record) {
    byte[] bytes = new byte[record.body().remaining()];
    record.body().duplicate().get(bytes);
    return bytes;
  }
}
