package fedllm.testkit.transport;

import fedllm.api.error.Cancelled;
import fedllm.api.error.Unreachable;
import fedllm.api.transport.Record;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Logs in this JVM's memory, shared by the {@link MemoryTransport}s that are made on it. Safe for
 * many threads: its monitor guards every log, and readers wait on it.
 */
public final class MemoryBroker {

  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

  private final long capacityBytes;
  private final Map<String, Log> logs = new TreeMap<>();
  private long storedBytes;
  private boolean away;

  /** Holds up to 1 GiB. */
  public MemoryBroker() {
    this(1L << 30);
  }

  /** Holds so many bytes of bodies; a send beyond them fails. */
  public MemoryBroker(long capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  /** Stops to answer, or answers again: senders block, readers get nothing, the rest throws. */
  public synchronized void away(boolean gone) {
    away = gone;
    notifyAll();
  }

  synchronized void create(String topic) {
    requireReachable();
    if (!NAME.matcher(topic).matches()) {
      throw new IllegalArgumentException(
          "a topic cannot be called " + topic + ": letters, digits, '.', '_' and '-' only");
    }
    logs.computeIfAbsent(topic, name -> new Log());
  }

  synchronized Set<String> topics(String prefix) {
    requireReachable();
    Set<String> names = new TreeSet<>();
    for (String name : logs.keySet()) {
      if (name.startsWith(prefix)) {
        names.add(name);
      }
    }
    return names;
  }

  synchronized void delete(Collection<String> topics) {
    requireReachable();
    for (String topic : topics) {
      Log log = logs.remove(topic);
      if (log != null) {
        log.dropBefore(log.next);
      }
    }
  }

  synchronized void forget(String topic, long beforeOffset) {
    requireReachable();
    Log log = existing(topic);
    if (beforeOffset > log.next) {
      throw new IllegalArgumentException(
          topic + " ends at " + log.next + ", before the offset " + beforeOffset);
    }
    log.dropBefore(beforeOffset);
  }

  synchronized long end(String topic) {
    requireReachable();
    return existing(topic).next;
  }

  /** Blocks while the broker is away. */
  synchronized long append(String topic, Map<String, String> headers, byte[] body) {
    while (away) {
      await(0);
    }
    Log log = existing(topic);
    if (storedBytes + body.length > capacityBytes) {
      throw new Unreachable(
          "the memory broker is full at "
              + capacityBytes
              + " bytes: forget what was read, or give it more");
    }
    storedBytes += body.length;
    long offset = log.next;
    log.records.put(
        offset,
        new Record(
            topic,
            offset,
            Collections.unmodifiableMap(new LinkedHashMap<>(headers)),
            ByteBuffer.wrap(body).asReadOnlyBuffer()));
    // Nobody may count on dense offsets: a log with transactions in it has gaps.
    log.next = offset + (offset % 7 == 6 ? 2 : 1);
    notifyAll();
    return offset;
  }

  /** Puts a record of another log where it lay there, after what is here of its topic. */
  public synchronized void put(Record record) {
    Log log = logs.computeIfAbsent(record.topic(), name -> new Log());
    if (record.offset() < log.next) {
      throw new IllegalArgumentException(
          record.topic() + "@" + record.offset() + " lies before " + log.next + ", the end");
    }
    storedBytes += record.body().remaining();
    log.records.put(record.offset(), record);
    log.next = record.offset() + 1;
    notifyAll();
  }

  /** The record at an offset or the first one after it, or null where there is none yet. */
  synchronized Record at(String topic, long offset) {
    Log log = logs.get(topic);
    if (away || log == null || log.next <= offset) {
      return null;
    }
    Map.Entry<Long, Record> found = log.records.ceilingEntry(offset);
    return found == null ? null : found.getValue();
  }

  /** Waits for any change; the caller holds the monitor and looks again. */
  @SuppressWarnings("WaitNotInLoop") // the loops are the callers'
  void await(long millis) {
    try {
      wait(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Cancelled("interrupted while waiting for the memory broker", e);
    }
  }

  private void requireReachable() {
    if (away) {
      throw new Unreachable("the memory broker is away");
    }
  }

  private Log existing(String topic) {
    Log log = logs.get(topic);
    if (log == null) {
      throw new IllegalArgumentException("no topic is called " + topic + ": create it first");
    }
    return log;
  }

  private final class Log {
    private final TreeMap<Long, Record> records = new TreeMap<>();
    private long next;

    private void dropBefore(long offset) {
      Map<Long, Record> gone = records.headMap(offset);
      for (Record record : gone.values()) {
        storedBytes -= record.body().capacity();
      }
      gone.clear();
    }
  }
}
