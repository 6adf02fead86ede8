package fedllm.testkit.transport;

import fedllm.api.error.Unreachable;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Appends to the broker's logs at once. */
final class MemorySender implements Sender {

  private final MemoryBroker broker;
  private final AtomicLong sent;
  private final AtomicReference<Unreachable> failed = new AtomicReference<>();
  private volatile boolean closed;

  MemorySender(MemoryBroker broker, AtomicLong sent) {
    this.broker = broker;
    this.sent = sent;
  }

  @Override
  public CompletableFuture<Long> send(String topic, Map<String, String> headers, byte[] body) {
    if (closed) {
      throw new IllegalStateException("the sender is closed; nothing goes to " + topic);
    }
    if (body.length > Transport.CHUNK_BYTES) {
      throw new IllegalArgumentException(
          body.length + " bytes for " + topic + "; a record has at most " + Transport.CHUNK_BYTES);
    }
    try {
      long offset = broker.append(topic, headers, body);
      sent.addAndGet(body.length);
      return CompletableFuture.completedFuture(offset);
    } catch (Unreachable e) {
      failed.compareAndSet(null, e);
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public void close() {
    closed = true;
    Unreachable failure = failed.getAndSet(null);
    if (failure != null) {
      throw failure;
    }
  }
}
