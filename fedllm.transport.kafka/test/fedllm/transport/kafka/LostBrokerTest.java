package fedllm.transport.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Unreachable;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import fedllm.cli.broker.Broker;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LostBrokerTest {

  private static final String TOPIC = "lost";

  @TempDir private Path folder;

  @Test
  void aBrokerKilledAmidAnUploadLosesNothingAndRepeatsNothing() throws Exception {
    int count = 300;
    try (Broker broker = Broker.start(folder);
        Transport transport = open(broker, Map.of());
        Receiver receiver = transport.receiver()) {
      transport.create(TOPIC);
      receiver.follow(TOPIC, 0);
      CompletableFuture<List<Long>> upload =
          CompletableFuture.supplyAsync(() -> upload(transport, count));
      List<Record> records = new ArrayList<>();
      while (records.isEmpty()) {
        records.addAll(receiver.poll(1000));
      }
      broker.kill9();
      assertFalse(upload.isDone(), "the broker was killed amid the upload");
      broker.restart();
      long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
      while (records.size() < count && System.nanoTime() < deadline) {
        records.addAll(receiver.poll(1000));
      }
      assertEquals(
          IntStream.range(0, count).boxed().toList(),
          records.stream().map(record -> record.body().getInt(0)).toList());
      assertEquals(upload.get(1, TimeUnit.MINUTES), records.stream().map(Record::offset).toList());
      assertEquals(List.of(), receiver.poll(200));
    }
  }

  @Test
  void aRecordThatNeverArrivedFailsAndCloseSaysSo() {
    try (Broker broker = Broker.start(folder);
        Transport transport =
            open(
                broker,
                Map.of(
                    "delivery.timeout.ms", "1500",
                    "request.timeout.ms", "1000",
                    "default.api.timeout.ms", "1500",
                    "max.block.ms", "1500"))) {
      transport.create(TOPIC);
      Sender sender = transport.sender();
      sender.send(TOPIC, Map.of(), new byte[1]).join();
      broker.kill9();
      CompletableFuture<Long> lost = sender.send(TOPIC, Map.of(), new byte[1]);
      Throwable why = assertThrows(CompletionException.class, lost::join).getCause();
      assertInstanceOf(Unreachable.class, why);
      assertTrue(why.getMessage().contains("write to " + TOPIC), why.getMessage());
      assertEquals(why, assertThrows(Unreachable.class, sender::close));
      sender.close(); // a second time says nothing more

      Sender late = transport.sender();
      assertThrows(CompletionException.class, () -> late.send(TOPIC, Map.of(), new byte[1]).join());
      assertThrows(Unreachable.class, late::close);
    }
  }

  private static List<Long> upload(Transport transport, int count) {
    List<CompletableFuture<Long>> offsets = new ArrayList<>();
    try (Sender sender = transport.sender()) {
      for (int i = 0; i < count; i++) {
        byte[] chunk = new byte[Transport.CHUNK_BYTES];
        ByteBuffer.wrap(chunk).putInt(0, i);
        offsets.add(sender.send(TOPIC, Map.of(), chunk));
      }
    }
    return offsets.stream().map(CompletableFuture::join).toList();
  }

  private static Transport open(Broker broker, Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("bootstrap.servers", broker.bootstrap());
    return new KafkaTransportFactory().open(all);
  }
}
