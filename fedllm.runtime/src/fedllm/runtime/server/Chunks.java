package fedllm.runtime.server;

import fedllm.api.error.Unreachable;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Transport;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Post;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * The chunks of updates for a pass over them: from memory where they are kept, else from the log by
 * a merge that pauses whoever is ahead. About one fetch for each member is in memory. One thread.
 */
final class Chunks implements AutoCloseable {

  private static final long PATIENCE_MS = 60_000;

  private final Map<String, Deque<ByteBuffer>> waiting = new HashMap<>();
  private final Map<String, Arrival> spilled = new HashMap<>();
  private final Map<String, Iterator<byte[]>> reading = new HashMap<>();
  private final Receiver receiver;

  Chunks(Transport transport, Collection<Arrival> arrivals) {
    for (Arrival arrival : arrivals) {
      if (arrival.kept() == null) {
        spilled.put(arrival.topic(), arrival);
        waiting.put(arrival.topic(), new ArrayDeque<>());
      } else {
        reading.put(arrival.topic(), arrival.kept().iterator());
      }
    }
    receiver = spilled.isEmpty() ? null : transport.receiver();
    spilled.values().forEach(a -> receiver.follow(a.topic(), a.begin() + 1));
  }

  /** The next chunk of an update that has one more. */
  ByteBuffer next(Arrival arrival) {
    String topic = arrival.topic();
    if (reading.containsKey(topic)) {
      return ByteBuffer.wrap(reading.get(topic).next());
    }
    Deque<ByteBuffer> mine = waiting.get(topic);
    long until = System.nanoTime() + PATIENCE_MS * 1_000_000;
    while (mine.isEmpty()) {
      receiver.resume(List.of(topic));
      receiver.poll(100).forEach(this::take);
      receiver.pause(waiting.keySet().stream().filter(t -> !waiting.get(t).isEmpty()).toList());
      if (System.nanoTime() > until) {
        throw new Unreachable(topic + " does not give back the update of " + arrival.member());
      }
    }
    return mine.remove();
  }

  private void take(Record record) {
    Attempt attempt = spilled.get(record.topic()).attempt();
    Map<String, String> headers = record.headers();
    if (Post.CHUNK.equals(headers.get(Post.KIND))
        && attempt.run().equals(headers.get("run"))
        && Integer.toString(attempt.number()).equals(headers.get("attempt"))) {
      waiting.get(record.topic()).add(record.body());
    }
  }

  @Override
  public void close() {
    if (receiver != null) {
      receiver.close();
    }
  }
}
