package fedllm.transport.kafka;

import fedllm.api.transport.Receiver;
import fedllm.api.transport.Sender;
import fedllm.api.transport.Traffic;
import fedllm.api.transport.Transport;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;

/** Carries records in Kafka's topics. */
final class KafkaTransport implements Transport {

  private final Settings settings;
  private final WireBytes bytes = new WireBytes();
  private final Set<KafkaSender> senders = ConcurrentHashMap.newKeySet();
  private final Admin admin;
  private final Cluster cluster;

  KafkaTransport(Settings settings) {
    this.settings = settings;
    this.admin = settings.made(Admin.class, () -> Admin.create(settings.admin()));
    this.cluster = new Cluster(admin, settings);
    bytes.opened(admin, admin.metrics());
  }

  @Override
  public void create(String topic) {
    cluster.create(topic);
  }

  @Override
  public boolean exists(String topic) {
    return cluster.exists(topic);
  }

  @Override
  public Set<String> topics(String prefix) {
    return cluster.topics(prefix);
  }

  @Override
  public void delete(Collection<String> topics) {
    cluster.delete(topics);
  }

  @Override
  public void forget(String topic, long beforeOffset) {
    cluster.forget(topic, beforeOffset);
  }

  @Override
  public Sender sender() {
    KafkaProducer<byte[], byte[]> producer =
        settings.made(KafkaProducer.class, () -> new KafkaProducer<>(settings.producer()));
    bytes.opened(producer, producer.metrics());
    KafkaSender sender =
        new KafkaSender(
            producer,
            cluster,
            closed -> {
              bytes.closed(producer);
              senders.remove(closed);
            });
    senders.add(sender);
    return sender;
  }

  @Override
  public Receiver receiver() {
    return receiver(Settings.CHUNKS_OF_EACH);
  }

  @Override
  public Receiver receiver(int chunksOfEach) {
    KafkaConsumer<ByteBuffer, ByteBuffer> consumer =
        settings.made(
            KafkaConsumer.class, () -> new KafkaConsumer<>(settings.consumer(chunksOfEach)));
    bytes.opened(consumer, consumer.metrics());
    return new KafkaReceiver(consumer, cluster, () -> bytes.closed(consumer));
  }

  @Override
  public Traffic traffic() {
    return bytes.traffic();
  }

  /** Waits for what its senders still have; a receiver is closed by the thread that uses it. */
  @Override
  public void close() {
    senders.forEach(KafkaSender::close);
    admin.close(Duration.ofSeconds(1));
    bytes.closed(admin);
  }
}
