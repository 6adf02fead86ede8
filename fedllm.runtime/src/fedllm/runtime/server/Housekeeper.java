package fedllm.runtime.server;

import fedllm.api.error.Unreachable;
import fedllm.api.transport.Transport;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the broker for what may take its time, on a thread of its own: which silos have a topic, and
 * to free what no round needs any more. A broker that is away is asked again.
 */
final class Housekeeper implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Housekeeper.class);
  private static final long LOOK_MS = 250;

  /** The broker answers within milliseconds; one that took so long was away, or is about to be. */
  private static final long AWAY_MS = 1000;

  private final Transport transport;
  private final String prefix;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread t = new Thread(task, "fedllm-housekeeper");
            t.setDaemon(true);
            return t;
          });
  private volatile Set<String> topics = Set.of();
  private volatile long answeredNs = System.nanoTime();
  private volatile long awayNs;
  private boolean away;

  Housekeeper(Transport transport, String prefix) {
    this.transport = transport;
    this.prefix = prefix;
    var unused = thread.scheduleWithFixedDelay(this::look, 0, LOOK_MS, TimeUnit.MILLISECONDS);
  }

  private void look() {
    long askedNs = System.nanoTime();
    try {
      topics = transport.topics(prefix);
      long now = System.nanoTime();
      if (away || now - askedNs > AWAY_MS * 1_000_000) {
        awayNs = now;
      }
      answeredNs = now; // after the other, so that whoever sees this one sees that one
      away = false;
    } catch (Unreachable e) {
      if (!away) {
        LOG.warn("the broker is away; the server waits for it: {}", e.getMessage());
      }
      away = true;
    } catch (RuntimeException e) { // thrown out of here, it would end the looking
      LOG.error("the topics of silos cannot be looked up", e);
    }
  }

  /** The topics that were there a moment ago. */
  Set<String> topics() {
    return topics;
  }

  /** When the broker answered last, by {@link System#nanoTime}. */
  long answeredNs() {
    return answeredNs;
  }

  /** When it was found back after it had not answered for a while; 0 before that ever was. */
  long awayNs() {
    return awayNs;
  }

  /** Lets the broker free a topic's records before an offset, some time. */
  void forget(String topic, long beforeOffset) {
    try {
      thread.execute(
          () -> {
            try {
              transport.forget(topic, beforeOffset);
            } catch (RuntimeException e) {
              LOG.warn("{} is not freed before {}: {}", topic, beforeOffset, e.getMessage());
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("the server stops; {} is not freed", topic, e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
