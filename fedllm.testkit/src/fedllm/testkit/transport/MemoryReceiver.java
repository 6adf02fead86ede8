package fedllm.testkit.transport;

import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Transport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Reads the broker's logs, each topic from its own place. */
final class MemoryReceiver implements Receiver {

  private static final int MOST_BYTES = 8 * Transport.CHUNK_BYTES;

  private final MemoryBroker broker;
  private final AtomicLong received;

  /** Next offset by topic; who was read from goes to the end, so that no topic starves another. */
  private final Map<String, Long> places = new LinkedHashMap<>();

  private final Set<String> paused = new HashSet<>();

  /** Guarded by the broker's monitor. */
  private boolean woken;

  MemoryReceiver(MemoryBroker broker, AtomicLong received) {
    this.broker = broker;
    this.received = received;
  }

  @Override
  public void follow(String topic, long offset) {
    long end = broker.end(topic);
    if (offset < 0 || offset > end) {
      throw new IllegalArgumentException(topic + " goes to " + end + ", not to " + offset);
    }
    places.put(topic, offset);
  }

  @Override
  public void unfollow(String topic) {
    places.remove(topic);
    paused.remove(topic);
  }

  @Override
  public void pause(Collection<String> topics) {
    topics.forEach(this::requireFollowed);
    paused.addAll(topics);
  }

  @Override
  public void resume(Collection<String> topics) {
    topics.forEach(this::requireFollowed);
    paused.removeAll(Set.copyOf(topics));
  }

  @Override
  public long end(String topic) {
    return broker.end(topic);
  }

  @Override
  public List<Record> poll(long timeoutMs) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    synchronized (broker) {
      while (true) {
        List<Record> records = woken ? List.of() : ready();
        // Rounded up: wait(0) would wait for ever.
        long leftMs = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime() + 999_999);
        if (woken || !records.isEmpty() || leftMs <= 0) {
          woken = false;
          return records;
        }
        broker.await(leftMs);
      }
    }
  }

  @Override
  public void wakeup() {
    synchronized (broker) {
      woken = true;
      broker.notifyAll();
    }
  }

  @Override
  public void close() {
    places.clear();
  }

  private List<Record> ready() {
    List<Record> records = new ArrayList<>();
    long bytes = 0;
    for (String topic : List.copyOf(places.keySet())) {
      if (paused.contains(topic)) {
        continue;
      }
      long place = places.get(topic);
      Record record;
      while (bytes < MOST_BYTES && (record = broker.at(topic, place)) != null) {
        records.add(own(record));
        bytes += record.body().remaining();
        place = record.offset() + 1;
      }
      if (place != places.get(topic)) {
        places.remove(topic);
        places.put(topic, place);
      }
    }
    received.addAndGet(bytes);
    return records;
  }

  /** The same bytes behind a position of the reader's own. */
  private static Record own(Record record) {
    return new Record(
        record.topic(), record.offset(), record.headers(), record.body().asReadOnlyBuffer());
  }

  private void requireFollowed(String topic) {
    if (!places.containsKey(topic)) {
      throw new IllegalStateException("nobody follows " + topic + " here");
    }
  }
}
