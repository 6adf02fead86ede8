package fedllm.itest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** When each round was recorded, by the time of its record in the log. Used by one thread. */
final class RoundClock implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<Integer, Long> recordedMs = new TreeMap<>();

  RoundClock(String bootstrap, String federation) {
    consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrap),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    TopicPartition control = new TopicPartition("fedllm." + federation + ".control", 0);
    consumer.assign(List.of(control));
    consumer.seekToBeginning(List.of(control));
  }

  /** Reads until the last round is there. */
  void readUntil(int lastRound) {
    Await.until(
        "round " + lastRound + " is not in the log; the last are " + recordedMs,
        () -> {
          consumer.poll(Duration.ofMillis(200)).forEach(this::take);
          return recordedMs.containsKey(lastRound);
        });
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    String kind = new String(record.headers().lastHeader("kind").value(), StandardCharsets.UTF_8);
    if (kind.equals("recorded")) {
      try {
        JsonNode event = JSON.readTree(record.value());
        recordedMs.put(event.get("round").get("number").asInt(), record.timestamp());
      } catch (IOException e) {
        throw new AssertionError("a record of the control topic is no JSON", e);
      }
    }
  }

  /** From the record of the round before to a round's own. */
  long gapMs(int round) {
    return recordedMs.get(round) - recordedMs.get(round - 1);
  }

  /** The usual gap. */
  long medianGapMs() {
    List<Long> gaps = recordedMs.keySet().stream().skip(1).map(this::gapMs).sorted().toList();
    return gaps.get(gaps.size() / 2);
  }

  /** The longest gap of some rounds. */
  long worstGapMs(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToLong(this::gapMs).max().orElse(0);
  }

  /** How long the rounds took altogether. */
  long seconds() {
    List<Long> times = List.copyOf(recordedMs.values());
    return TimeUnit.MILLISECONDS.toSeconds(times.get(times.size() - 1) - times.get(0));
  }

  @Override
  public void close() {
    consumer.close();
  }
}
