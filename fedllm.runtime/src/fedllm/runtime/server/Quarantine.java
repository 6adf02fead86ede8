package fedllm.runtime.server;

import fedllm.api.run.QuarantineView;
import fedllm.api.transport.Record;
import fedllm.runtime.message.Event;
import fedllm.runtime.message.Post;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What silos sent and nobody counted, as the log has it. One silo can neither fill the log nor push
 * others off the list. The server's thread.
 */
final class Quarantine {

  private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);

  /** How many are kept, and how many of one silo. */
  static final int MOST = 1000;

  static final int MOST_OF_ONE = 100;

  /** So many of one silo are written down at once, then one a second. */
  static final int AT_ONCE = 50;

  private static final long SECOND_MS = 1000;

  private final Post post;
  private final String topic;
  private final Deque<QuarantineView> list = new ArrayDeque<>();
  private final Map<String, Allowance> allowances = new HashMap<>();

  private static final class Allowance {
    double left = AT_ONCE;
    long sinceMs;
    long passedOver;
  }

  /** Goes on from what the log has, oldest first. */
  Quarantine(Post post, String topic, Collection<QuarantineView> before) {
    this.post = post;
    this.topic = topic;
    before.forEach(this::keep);
  }

  /** Something does not count, and the log says so. */
  void add(String run, int round, String silo, String reason, Record record) {
    long now = System.currentTimeMillis();
    if (isTooMuch(silo, now)) {
      return;
    }
    QuarantineView what =
        new QuarantineView(
            run, round, silo, Words.fit(reason), now, record.topic(), record.offset());
    post.later(topic, new Event.Quarantined(what));
    keep(what);
  }

  private boolean isTooMuch(String silo, long nowMs) {
    Allowance allowance = allowances.computeIfAbsent(silo, s -> new Allowance());
    double earned = Math.max(0, nowMs - allowance.sinceMs) / (double) SECOND_MS;
    allowance.left = Math.min(AT_ONCE, allowance.left + earned);
    allowance.sinceMs = nowMs;
    if (allowance.left < 1) {
      if (allowance.passedOver++ == 0) {
        LOG.warn("{} sends so much that is refused that not all of it is listed", silo);
      }
      return true;
    }
    allowance.left--;
    allowance.passedOver = 0;
    return false;
  }

  private void keep(QuarantineView what) {
    list.add(what);
    long ofThisSilo = list.stream().filter(q -> q.silo().equals(what.silo())).count();
    if (ofThisSilo > MOST_OF_ONE) {
      list.remove(
          list.stream().filter(q -> q.silo().equals(what.silo())).findFirst().orElseThrow());
    } else if (list.size() > MOST) {
      list.remove();
    }
  }

  /** Oldest first. */
  List<QuarantineView> views() {
    return List.copyOf(list);
  }
}
