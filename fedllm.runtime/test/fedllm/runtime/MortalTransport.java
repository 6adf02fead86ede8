package fedllm.runtime;

import fedllm.api.error.Cancelled;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Traffic;
import fedllm.api.transport.Transport;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A process's way to the log, which stands still where the process does: after so many records,
 * beats apart, nothing goes out or comes in any more, on any of its threads. One that is never
 * woken was killed, for all that others can see.
 */
final class MortalTransport implements Transport {

  private final Transport to;
  private final AtomicInteger left;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final CountDownLatch woken = new CountDownLatch(1);

  /** Lives for so many records, beats apart. */
  MortalTransport(Transport to, int records) {
    this.to = to;
    this.left = new AtomicInteger(records);
  }

  /** How many records it wrote, of a life of {@code records}. */
  int written(int records) {
    return records - left.get();
  }

  /** Counts down when its time has come. */
  CountDownLatch ended() {
    return ended;
  }

  void wake() {
    woken.countDown();
  }

  private void live() {
    if (left.get() > 0) {
      return;
    }
    ended.countDown();
    try {
      woken.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Cancelled("interrupted", e);
    }
  }

  @Override
  public Sender sender() {
    live();
    Sender sender = to.sender();
    return new Sender() {
      @Override
      public CompletableFuture<Long> send(String topic, Map<String, String> headers, byte[] body) {
        live();
        CompletableFuture<Long> sent = sender.send(topic, headers, body);
        if (!topic.endsWith(".leader")) {
          left.decrementAndGet();
        }
        return sent;
      }

      @Override
      public void close() {
        sender.close();
      }
    };
  }

  @Override
  public Receiver receiver() {
    Receiver receiver = to.receiver();
    return new Receiver() {
      @Override
      public void follow(String topic, long offset) {
        live();
        receiver.follow(topic, offset);
      }

      @Override
      public void unfollow(String topic) {
        receiver.unfollow(topic);
      }

      @Override
      public void pause(Collection<String> topics) {
        receiver.pause(topics);
      }

      @Override
      public void resume(Collection<String> topics) {
        receiver.resume(topics);
      }

      @Override
      public long end(String topic) {
        live();
        return receiver.end(topic);
      }

      @Override
      public List<Record> poll(long timeoutMs) {
        live();
        return receiver.poll(timeoutMs);
      }

      @Override
      public void wakeup() {
        receiver.wakeup();
      }

      @Override
      public void close() {
        receiver.close();
      }
    };
  }

  @Override
  public void create(String topic) {
    live();
    to.create(topic);
  }

  @Override
  public Set<String> topics(String prefix) {
    live();
    return to.topics(prefix);
  }

  @Override
  public void delete(Collection<String> topics) {
    live();
    to.delete(topics);
  }

  @Override
  public void forget(String topic, long beforeOffset) {
    live();
    to.forget(topic, beforeOffset);
  }

  @Override
  public Traffic traffic() {
    return to.traffic();
  }

  @Override
  public void close() {
    to.close();
  }
}
