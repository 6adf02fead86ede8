package fedllm.testkit.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Unreachable;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

final class MemoryTransportTest extends TransportContract {

  private final MemoryBroker broker = new MemoryBroker(100L << 20);

  @Override
  protected Transport open() {
    return new MemoryTransport(broker);
  }

  @Test
  void closeReportsWhatDidNotFit() {
    String topic = topic("full");
    Sender sender = transport().sender();
    CompletableFuture<Long> last = CompletableFuture.completedFuture(0L);
    for (int i = 0; i < 101; i++) {
      assertFalse(last.isCompletedExceptionally(), "failed too early, at " + i);
      last = sender.send(topic, Map.of(), new byte[Transport.CHUNK_BYTES]);
    }
    CompletableFuture<Long> failed = last;
    assertTrue(
        assertThrows(CompletionException.class, failed::join).getCause() instanceof Unreachable);
    assertThrows(Unreachable.class, sender::close);
  }

  @Test
  void forgettingMakesRoom() {
    String topic = topic("room");
    try (Sender sender = transport().sender()) {
      for (int i = 0; i < 300; i++) {
        long offset = sender.send(topic, Map.of(), new byte[Transport.CHUNK_BYTES]).join();
        transport().forget(topic, offset);
      }
    }
  }

  @Test
  void aRecordOfAnotherLogLiesWhereItLayThere() {
    Record record = new Record("copied", 7, Map.of("kind", "copy"), ByteBuffer.allocate(3));
    broker.put(record);
    assertThrows(IllegalArgumentException.class, () -> broker.put(record));
    try (Receiver receiver = transport().receiver()) {
      receiver.follow("copied", 0);
      assertEquals(record, read(receiver, 1).get(0));
      assertEquals(8, receiver.end("copied"));
    }
  }

  @Test
  void aSenderWaitsForABrokerThatIsAway() {
    String topic = topic("away");
    try (Sender sender = transport().sender();
        Receiver receiver = transport().receiver()) {
      receiver.follow(topic, 0);
      broker.away(true);
      assertThrows(Unreachable.class, () -> transport().create(topic));
      CompletableFuture<Long> sent =
          CompletableFuture.supplyAsync(() -> sender.send(topic, Map.of(), new byte[1]).join());
      assertEquals(List.of(), receiver.poll(50));
      assertFalse(sent.isDone());
      broker.away(false);
      assertEquals(1, read(receiver, 1).size());
      assertEquals(0, sent.join());
    }
  }
}
