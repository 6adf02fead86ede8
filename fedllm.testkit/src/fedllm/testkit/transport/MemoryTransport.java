package fedllm.testkit.transport;

import fedllm.api.transport.Receiver;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Traffic;
import fedllm.api.transport.Transport;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Carries records inside one JVM; transports on the same broker see the same topics. */
public final class MemoryTransport implements Transport {

  private final MemoryBroker broker;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong received = new AtomicLong();

  /** On a broker that may have other transports. */
  public MemoryTransport(MemoryBroker broker) {
    this.broker = broker;
  }

  @Override
  public void create(String topic) {
    broker.create(topic);
  }

  @Override
  public Set<String> topics(String prefix) {
    return broker.topics(prefix);
  }

  @Override
  public void delete(Collection<String> topics) {
    broker.delete(topics);
  }

  @Override
  public void forget(String topic, long beforeOffset) {
    broker.forget(topic, beforeOffset);
  }

  @Override
  public Sender sender() {
    return new MemorySender(broker, sent);
  }

  @Override
  public Receiver receiver() {
    return new MemoryReceiver(broker, received);
  }

  @Override
  public Traffic traffic() {
    return new Traffic(sent.get(), received.get());
  }

  @Override
  public void close() {}
}
