package fedllm.runtime.server;

import fedllm.api.run.DeedView;
import fedllm.api.transport.Receiver;
import fedllm.api.transport.Record;
import fedllm.api.transport.Transport;
import fedllm.runtime.message.Json;
import fedllm.runtime.message.Post;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who did what: every deed goes to the log before it is shown. The server's thread. */
final class Audit {

  private static final Logger LOG = LoggerFactory.getLogger(Audit.class);
  private static final int MOST = 10_000;

  /** How often nothing comes before the topic's end is taken as reached. */
  private static final int QUIET = 100;

  private final Post post;
  private final String topic;
  private final String node;
  private final Deque<DeedView> deeds = new ArrayDeque<>();

  /**
   * Reads what was done so far.
   *
   * @param node where deeds are done from now on
   */
  Audit(Transport transport, Post post, String topic, String node) {
    this.post = post;
    this.topic = topic;
    this.node = node;
    try (Receiver receiver = transport.receiver()) {
      receiver.follow(topic, 0);
      long end = receiver.end(topic);
      long next = 0;
      for (int quiet = 0; next < end && quiet < QUIET; quiet++) {
        for (Record record : receiver.poll(100)) {
          take(record);
          next = record.offset() + 1;
          quiet = 0;
        }
      }
    }
  }

  private void take(Record record) {
    try {
      keep(Json.read(DeedView.class, record.body()));
    } catch (IOException e) {
      LOG.warn("{}@{} is not understood and passed over", record.topic(), record.offset(), e);
    }
  }

  private void keep(DeedView deed) {
    deeds.add(deed);
    if (deeds.size() > MOST) {
      deeds.remove();
    }
  }

  /**
   * Somebody did something.
   *
   * @param run empty where it was not done to a run
   */
  void add(String who, String what, String run, String detail) {
    DeedView deed =
        new DeedView(
            System.currentTimeMillis(), Words.fit(who), node, what, run, Words.fit(detail));
    post.deed(topic, deed);
    keep(deed);
    LOG.info("{} by {}: {} {}", what, deed.who(), run, deed.detail());
  }

  /** The node did something by itself. */
  void add(String what, String run, String detail) {
    add(node, what, run, detail);
  }

  /** Oldest first. */
  List<DeedView> deeds() {
    return List.copyOf(deeds);
  }
}
