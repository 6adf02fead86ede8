package fedllm.chaos;

import fedllm.api.error.Unreachable;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Transport;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Topics;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Keeps every record of a federation as it appears, so that it is still there when the broker has
 * freed it. Reads on a thread of its own; safe for many.
 */
final class Recorder implements AutoCloseable {

  private static final long LOOK_MS = 50;

  private final Receiver receiver;
  private final Map<String, List<Record>> records = new LinkedHashMap<>();
  private final Thread thread = new Thread(this::read, "recorder");
  private volatile boolean closed;

  /** From the beginning of the log; the topics must be there. */
  Recorder(Transport transport, Topics topics, Collection<String> silos) {
    receiver = transport.receiver();
    List<String> all =
        new ArrayList<>(List.of(topics.control(), topics.broadcast(), topics.state()));
    silos.forEach(silo -> all.add(topics.silo(silo)));
    for (String topic : all) {
      records.put(topic, new ArrayList<>());
      receiver.follow(topic, 0);
    }
    thread.setDaemon(true);
    thread.start();
  }

  private void read() {
    while (!closed) {
      try {
        List<Record> more = receiver.poll(LOOK_MS);
        synchronized (records) {
          more.stream()
              .filter(record -> !"beat".equals(record.headers().get(Post.KIND)))
              .forEach(record -> records.get(record.topic()).add(record));
        }
      } catch (Unreachable e) {
        // the broker is the victim: the next look tries again
      }
    }
    receiver.close();
  }

  /** What is there of a topic. */
  List<Record> of(String topic) {
    synchronized (records) {
      return List.copyOf(records.get(topic));
    }
  }

  /** Lets go of all tensors, which no later run needs. */
  void forgetChunks() {
    synchronized (records) {
      records
          .values()
          .forEach(all -> all.removeIf(r -> Post.CHUNK.equals(r.headers().get(Post.KIND))));
    }
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
