package fedllm.transport.kafka;

import fedllm.api.error.Refused;
import fedllm.api.transport.Transport;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.ByteBufferDeserializer;

/**
 * How the three clients are set: the node's own settings go to each of them over the defaults here,
 * save those that a promise of the transport hangs on, which are refused.
 */
final class Settings {

  /** Partitions of every topic. */
  static final int PARTITIONS = 1;

  /** The partition that every record is in. */
  static final int PARTITION = 0;

  /** How long a first contact, and every question to the broker, may take. */
  static final int ANSWER_MS = 30_000;

  /** How long a record waits for a broker that went away. */
  private static final int DELIVERY_MS = 3_600_000;

  private static final int CHUNK = Transport.CHUNK_BYTES;

  /** What a body's headers and framing may take. */
  private static final int HEADROOM = 64 << 10;

  /** How many chunks of a topic a reader asks for at a time, where nobody says. */
  static final int CHUNKS_OF_EACH = 8;

  /** A topic below this makes the producer split and send again, several times slower. */
  static final int MESSAGE_BYTES = CHUNK + HEADROOM;

  private static final Set<String> OURS =
      Set.of(
          ProducerConfig.ACKS_CONFIG,
          ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
          ProducerConfig.TRANSACTIONAL_ID_CONFIG,
          ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
          ProducerConfig.RETRIES_CONFIG,
          ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
          ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
          ConsumerConfig.GROUP_ID_CONFIG,
          ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          ConsumerConfig.ISOLATION_LEVEL_CONFIG);

  private final Map<String, String> node;
  private final Credentials credentials;

  Settings(Map<String, String> node) {
    String bootstrap = node.getOrDefault(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, "");
    if (bootstrap.isBlank()) {
      throw new Refused(
          "the Kafka settings name no broker: set bootstrap.servers, such as localhost:9092");
    }
    Set<String> refused = new TreeSet<>(node.keySet());
    refused.retainAll(OURS);
    if (!refused.isEmpty()) {
      throw new Refused(
          "the Kafka settings "
              + refused
              + " are the platform's own: what it promises hangs on them");
    }
    this.credentials = new Credentials(node);
    this.node = credentials.settings();
  }

  /** Who we are. */
  Credentials credentials() {
    return credentials;
  }

  /** A client made of these settings; one that cannot be made is refused, with no secret in it. */
  <T> T made(Class<?> type, Supplier<T> construction) {
    try {
      return ContextClassLoader.of(type, construction);
    } catch (KafkaException e) {
      // The client says only "failed to construct"; why is in the causes.
      Throwable reason = e;
      while (reason.getCause() != null) {
        reason = reason.getCause();
      }
      String why = String.valueOf(reason.getMessage());
      if (why.contains("JAAS") || why.contains("Value not specified for key")) {
        // It may quote a part of the password.
        throw new Refused(
            "the Kafka settings cannot be used: sasl.jaas.config has to be"
                + " org.apache.kafka.common.security.scram.ScramLoginModule required"
                + " username=\"...\" password=\"...\"; with the quotes and the semicolon");
      }
      throw new Refused("the Kafka settings cannot be used: " + credentials.withoutSecrets(why), e);
    }
  }

  String bootstrap() {
    return node.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);
  }

  /** How a topic is made: it keeps everything until somebody forgets it. */
  static Map<String, String> topic() {
    return Map.of(
        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
        "" + MESSAGE_BYTES,
        // Records are freed by whole segments.
        TopicConfig.SEGMENT_BYTES_CONFIG,
        "" + (64 << 20),
        TopicConfig.RETENTION_MS_CONFIG,
        "-1",
        TopicConfig.RETENTION_BYTES_CONFIG,
        "-1");
  }

  Map<String, Object> admin() {
    Map<String, Object> settings = common();
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MS);
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MS / 3);
    settings.put(AdminClientConfig.RETRY_BACKOFF_MS_CONFIG, 20);
    return overridden(settings);
  }

  Map<String, Object> producer() {
    Map<String, Object> settings = common();
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, CHUNK + HEADROOM / 4);
    settings.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MESSAGE_BYTES);
    settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 32 * CHUNK);
    // Fewer wake-ups than 0, and what somebody waits for is hardly later.
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 1);
    settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "none");
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, DELIVERY_MS);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_MS);
    settings.put(ProducerConfig.SEND_BUFFER_CONFIG, -1);
    return overridden(settings);
  }

  Map<String, Object> consumer(int chunksOfEach) {
    Map<String, Object> settings = common();
    settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteBufferDeserializer.class);
    settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteBufferDeserializer.class);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    // From before the first record that is left, the reader goes to that.
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    // A batch that does not fit is left for another time, and a batch is a chunk and its headers.
    settings.put(
        ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, chunksOfEach * (CHUNK + HEADROOM));
    settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 * CHUNK);
    // A reader with nothing to read asks twice a second, not ten times.
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 500);
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 16);
    settings.put(ConsumerConfig.RECEIVE_BUFFER_CONFIG, -1);
    return overridden(settings);
  }

  private static Map<String, Object> common() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MS_CONFIG, 50);
    settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000);
    settings.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
    return settings;
  }

  private Map<String, Object> overridden(Map<String, Object> settings) {
    settings.putAll(node);
    return settings;
  }
}
