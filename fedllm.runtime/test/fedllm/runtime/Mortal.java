package fedllm.runtime;

import fedllm.api.transport.Receiver;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Traffic;
import fedllm.api.transport.Transport;
import fedllm.runtime.message.Post;
import fedllm.testkit.transport.MemoryBroker;
import fedllm.testkit.transport.MemoryTransport;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Predicate;

/**
 * A transport whose process dies, for all that the log can see: from one record on nothing more is
 * sent, and whoever sends stands still. Closed, it lets those threads end.
 */
public final class Mortal implements Transport {

  private final Transport transport;
  private final Predicate<Map<String, String>> fatal;
  private final CountDownLatch dead = new CountDownLatch(1);
  private final CountDownLatch buried = new CountDownLatch(1);

  private final boolean late;

  /** Dies when a record with such headers is to be sent. */
  public Mortal(MemoryBroker broker, Predicate<Map<String, String>> fatal) {
    this(broker, fatal, false);
  }

  /** Dies before the record is sent, or after it is in the log and before anybody knows. */
  public Mortal(MemoryBroker broker, Predicate<Map<String, String>> fatal, boolean late) {
    this.late = late;
    this.transport = new MemoryTransport(broker);
    this.fatal = fatal;
  }

  /** Waits for its death. */
  public void awaitDeath() throws InterruptedException {
    dead.await();
  }

  @Override
  public Sender sender() {
    Sender sender = transport.sender();
    return new Sender() {
      @Override
      public CompletableFuture<Long> send(String topic, Map<String, String> headers, byte[] body) {
        if (dead.getCount() == 0 || fatal.test(headers)) {
          if (late && dead.getCount() > 0) {
            Post.await(sender.send(topic, headers, body));
          }
          dead.countDown();
          standStill();
        }
        return sender.send(topic, headers, body);
      }

      @Override
      public void close() {
        sender.close();
      }
    };
  }

  private void standStill() {
    try {
      buried.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new IllegalStateException("it is dead");
  }

  @Override
  public void create(String topic) {
    transport.create(topic);
  }

  @Override
  public Set<String> topics(String prefix) {
    return transport.topics(prefix);
  }

  @Override
  public void delete(Collection<String> topics) {
    transport.delete(topics);
  }

  @Override
  public void forget(String topic, long beforeOffset) {
    transport.forget(topic, beforeOffset);
  }

  @Override
  public Receiver receiver() {
    return transport.receiver();
  }

  @Override
  public Traffic traffic() {
    return transport.traffic();
  }

  @Override
  public void close() {
    buried.countDown();
    transport.close();
  }
}
