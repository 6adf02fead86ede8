package fedllm.transport.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import fedllm.api.error.Cancelled;
import fedllm.api.error.Pauses;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;

/** Reads with a consumer that belongs to no group: it knows its places itself. */
final class KafkaReceiver implements Receiver {

  /** A smaller body is copied: kept, it would hold the whole answer that it came in. */
  private static final int SMALL_BYTES = 64 << 10;

  private static final long WATCH_MS = 1000;

  private final KafkaConsumer<ByteBuffer, ByteBuffer> consumer;
  private final Cluster cluster;
  private final Runnable onClose;
  private final Watch watch;

  /** The least offset that may come next, by topic. */
  private final Map<String, Long> places = new HashMap<>();

  /** Guards the two below. */
  private final Object waking = new Object();

  private boolean woken;
  private boolean polling;

  KafkaReceiver(KafkaConsumer<ByteBuffer, ByteBuffer> consumer, Cluster cluster, Runnable onClose) {
    this.consumer = consumer;
    this.cluster = cluster;
    this.onClose = onClose;
    this.watch = new Watch(consumer.metrics(), cluster.failures().bootstrap());
  }

  @Override
  public void follow(String topic, long offset) {
    cluster.require(topic);
    long end = cluster.end(topic);
    if (offset < 0 || offset > end) {
      throw new IllegalArgumentException(topic + " goes to " + end + ", not to " + offset);
    }
    places.put(topic, offset);
    consumer.assign(partitions(places.keySet()));
    consumer.seek(Cluster.partition(topic), offset);
  }

  @Override
  public void unfollow(String topic) {
    if (places.remove(topic) != null) {
      consumer.assign(partitions(places.keySet()));
    }
  }

  @Override
  public void pause(Collection<String> topics) {
    topics.forEach(this::requireFollowed);
    consumer.pause(partitions(topics));
  }

  @Override
  public void resume(Collection<String> topics) {
    topics.forEach(this::requireFollowed);
    consumer.resume(partitions(topics));
  }

  @Override
  public long end(String topic) {
    cluster.require(topic);
    return cluster.end(topic);
  }

  @Override
  public List<Record> poll(long timeoutMs) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    synchronized (waking) {
      if (woken || places.isEmpty()) {
        awaitWakeUp(deadline);
        return List.of();
      }
      polling = true;
    }
    try {
      ConsumerRecords<ByteBuffer, ByteBuffer> records;
      long leftMs = timeoutMs;
      do { // Kafka's poll may end early with nothing, and the watch looks once a second
        records = consumer.poll(Duration.ofMillis(Math.min(leftMs, WATCH_MS)));
        watch.saw(records.isEmpty());
        leftMs = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      } while (records.isEmpty() && leftMs > 0);
      return own(records);
    } catch (WakeupException e) {
      return List.of();
    } catch (KafkaException e) {
      throw cluster.failures().of("read " + places.keySet(), e);
    } finally {
      synchronized (waking) {
        polling = false;
      }
    }
  }

  /** Wakes the consumer only while it polls: it would otherwise remember it for too long. */
  @Override
  public void wakeup() {
    synchronized (waking) {
      if (polling) {
        consumer.wakeup();
      } else {
        woken = true;
        waking.notifyAll();
      }
    }
  }

  @Override
  public void close() {
    consumer.close();
    onClose.run();
  }

  /** Kafka's consumer refuses to wait for nothing. */
  private void awaitWakeUp(long deadline) {
    try {
      long leftNs = deadline - System.nanoTime();
      while (!woken && leftNs > 0) {
        TimeUnit.NANOSECONDS.timedWait(waking, leftNs);
        leftNs = deadline - System.nanoTime();
      }
      woken = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Cancelled("interrupted while waiting for records", e);
    }
  }

  private List<Record> own(ConsumerRecords<ByteBuffer, ByteBuffer> records) {
    List<Record> own = new ArrayList<>(records.count());
    for (ConsumerRecord<ByteBuffer, ByteBuffer> record : records) {
      String topic = record.topic();
      long place = places.get(topic);
      if (record.offset() < place) {
        throw new Pauses(
            topic
                + " starts again at "
                + record.offset()
                + " where "
                + place
                + " comes next: the broker has lost records or the topic was made anew");
      }
      places.put(topic, record.offset() + 1);
      own.add(new Record(topic, record.offset(), words(record), body(record.value())));
    }
    return own;
  }

  private static Map<String, String> words(ConsumerRecord<?, ?> record) {
    Map<String, String> words = new LinkedHashMap<>();
    for (Header header : record.headers()) {
      words.put(header.key(), new String(header.value(), UTF_8));
    }
    return Collections.unmodifiableMap(words);
  }

  private static ByteBuffer body(ByteBuffer value) {
    if (value.remaining() >= SMALL_BYTES) {
      return value;
    }
    ByteBuffer copy = ByteBuffer.allocate(value.remaining());
    return copy.put(value).flip();
  }

  private void requireFollowed(String topic) {
    if (!places.containsKey(topic)) {
      throw new IllegalStateException("nobody follows " + topic + " here");
    }
  }

  private static List<TopicPartition> partitions(Collection<String> topics) {
    return topics.stream().map(Cluster::partition).toList();
  }
}
