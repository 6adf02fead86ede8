package fedllm.runtime.silo;

import fedllm.api.error.Unreachable;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Traffic;
import fedllm.api.transport.Transport;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** A transport whose broker is away whenever a reader first asks it for something. */
record Refusing(Transport transport, AtomicInteger refusals, int times) implements Transport {

  @Override
  public Receiver receiver() {
    Receiver receiver = transport.receiver();
    return new Receiver() {
      @Override
      public void follow(String topic, long offset) {
        if (refusals.get() < times) {
          refusals.incrementAndGet();
          throw new Unreachable("the broker is away");
        }
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
        return receiver.end(topic);
      }

      @Override
      public List<Record> poll(long timeoutMs) {
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
  public Sender sender() {
    return transport.sender();
  }

  @Override
  public Traffic traffic() {
    return transport.traffic();
  }

  @Override
  public void close() {
    transport.close();
  }
}
