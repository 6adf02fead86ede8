package fedllm.runtime.server;

import fedllm.api.error.Unreachable;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Transport;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Post;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The chunks of updates for a pass over them: from memory where they are kept, else from the log. A
 * thread of its own reads ahead and pauses whoever is ahead enough, so that a few chunks are in
 * memory, however many members there are and however large their updates. One thread asks.
 */
final class Chunks implements AutoCloseable {

  private static final long PATIENCE_MS = 60_000;

  /** Chunks read ahead, of all members together. */
  private static final int AHEAD = 32;

  private final IdentityHashMap<Arrival, Iterator<ByteBuffer>> kept = new IdentityHashMap<>();
  private final Map<String, Arrival> spilled = new HashMap<>();
  private final Map<String, Pieces> pieces = new HashMap<>();
  private final int ahead;
  private final Thread reader;

  /** Guards the three below; told of every change. */
  private final Object moved = new Object();

  private final Map<String, Deque<ByteBuffer>> waiting = new HashMap<>();
  private RuntimeException failed;
  private boolean closed;

  Chunks(Transport transport, Collection<Arrival> arrivals) {
    for (Arrival arrival : arrivals) {
      if (arrival.kept() == null) {
        spilled.put(arrival.topic(), arrival);
        pieces.put(arrival.topic(), new Pieces(arrival.begin()));
        waiting.put(arrival.topic(), new ArrayDeque<>());
      } else {
        kept.put(arrival, arrival.kept().iterator());
      }
    }
    ahead = Math.max(1, AHEAD / Math.max(1, spilled.size()));
    reader = spilled.isEmpty() ? null : new Thread(() -> read(transport), "fedllm-chunks");
    if (reader != null) {
      reader.setDaemon(true);
      reader.start();
    }
  }

  /** The next chunk of an update that has one more. */
  ByteBuffer next(Arrival arrival) {
    Iterator<ByteBuffer> inMemory = kept.get(arrival);
    if (inMemory != null) {
      return inMemory.next().duplicate();
    }
    long until = System.nanoTime() + PATIENCE_MS * 1_000_000;
    synchronized (moved) {
      Deque<ByteBuffer> mine = waiting.get(arrival.topic());
      while (mine.isEmpty() && failed == null) {
        try {
          moved.wait(100);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new Unreachable("interrupted while an update is read again", e);
        }
        if (System.nanoTime() > until) {
          throw new Unreachable(arrival.topic() + " does not give back its update");
        }
      }
      if (mine.isEmpty()) {
        throw failed;
      }
      moved.notifyAll();
      return mine.remove();
    }
  }

  private void read(Transport transport) {
    try (Receiver receiver = transport.receiver(ahead)) {
      spilled.values().forEach(a -> receiver.follow(a.topic(), a.begin() + 1));
      while (goesOn(receiver)) {
        List<Record> records = receiver.poll(100);
        synchronized (moved) {
          records.forEach(this::take);
          moved.notifyAll();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) { // whoever asks next must know
      synchronized (moved) {
        failed = e;
        moved.notifyAll();
      }
    }
  }

  /** Waits while everybody is ahead enough; pauses those who are. */
  private boolean goesOn(Receiver receiver) throws InterruptedException {
    List<String> enough = new ArrayList<>();
    List<String> hungry = new ArrayList<>();
    synchronized (moved) {
      while (!closed && hungry.isEmpty()) {
        enough.clear();
        waiting.forEach((topic, chunks) -> (chunks.size() < ahead ? hungry : enough).add(topic));
        if (hungry.isEmpty()) {
          moved.wait(100);
        }
      }
      if (closed) {
        return false;
      }
    }
    receiver.pause(enough);
    receiver.resume(hungry);
    return true;
  }

  private void take(Record record) {
    Attempt attempt = spilled.get(record.topic()).attempt();
    Map<String, String> headers = record.headers();
    if (Post.CHUNK.equals(headers.get(Post.KIND))
        && attempt.run().equals(headers.get("run"))
        && Integer.toString(attempt.number()).equals(headers.get("attempt"))
        && pieces.get(record.topic()).takes(record)) {
      waiting.get(record.topic()).add(record.body());
    }
  }

  @Override
  public void close() {
    synchronized (moved) {
      closed = true;
      moved.notifyAll();
    }
  }
}
