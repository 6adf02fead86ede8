package fedllm.runtime.publish;

import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Transport;
import fedllm.runtime.message.Json;
import fedllm.runtime.message.Notice;
import fedllm.runtime.message.Post;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the topic of bundles says: of each name and version the latest notice. One thread. */
public final class Catalogue {

  private static final Logger LOG = LoggerFactory.getLogger(Catalogue.class);

  /** How often nothing comes before a topic's end is taken as reached. */
  private static final int QUIET = 100;

  private final Map<String, Notice> notices = new TreeMap<>();

  /** Reads a topic up to its present end. */
  public static Catalogue read(Transport transport, String topic) {
    Catalogue catalogue = new Catalogue();
    try (Receiver receiver = transport.receiver()) {
      receiver.follow(topic, 0);
      long end = receiver.end(topic);
      long next = 0;
      for (int quiet = 0; next < end && quiet < QUIET; quiet++) {
        for (Record record : receiver.poll(100)) {
          catalogue.take(record);
          next = record.offset() + 1;
          quiet = 0;
        }
      }
    }
    return catalogue;
  }

  /** Takes a record; a piece of a bundle says nothing by itself. */
  void take(Record record) {
    if (Post.CHUNK.equals(record.headers().get(Post.KIND))) {
      return;
    }
    try {
      take(Json.read(Notice.class, record.body()));
    } catch (IOException e) {
      LOG.warn(
          "{}@{} is not understood and passed over: {}",
          record.topic(),
          record.offset(),
          e.getClass().getSimpleName());
    }
  }

  /** Takes a notice that the log has. */
  public void take(Notice notice) {
    notices.put(notice.bundle(), notice);
  }

  /** The latest about a bundle, or null. */
  public Notice about(String name, String version) {
    return notices.get(name + " " + version);
  }

  /** All, by name and version. */
  public Collection<Notice> notices() {
    return List.copyOf(notices.values());
  }
}
