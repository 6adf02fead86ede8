package fedllm.runtime.server;

import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Terms;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says, for those that stand by, that this server lives: on a thread of its own, because a fold may
 * take its time. What is not written yet is not said twice, so that nothing gathers while the
 * broker is away.
 */
final class Heartbeat implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

  /** The kind of a beat. */
  static final String BEAT = "beat";

  /** The kind of the last one, of a server that goes in order. */
  static final String GONE = "gone";

  private static final long BEAT_MS = 500;

  /** After so many the old ones are forgotten. */
  private static final int MANY = 1000;

  private final Transport transport;
  private final Sender sender;
  private final String topic;
  private final String term;
  private final ScheduledExecutorService thread;
  private long beats;
  private CompletableFuture<Long> last = CompletableFuture.completedFuture(0L);

  Heartbeat(Transport transport, String topic, long term) {
    this.transport = transport;
    this.sender = transport.sender();
    this.topic = topic;
    this.term = Long.toString(term);
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread t = new Thread(task, "fedllm-pulse");
              t.setDaemon(true);
              return t;
            });
    var unused = thread.scheduleAtFixedRate(this::beat, 0, BEAT_MS, TimeUnit.MILLISECONDS);
  }

  private void beat() {
    if (!last.isDone()) {
      return;
    }
    if (++beats % MANY == 0 && !last.isCompletedExceptionally()) {
      forget(last.join());
    }
    last = send(BEAT);
  }

  private void forget(long before) {
    try {
      transport.forget(topic, before);
    } catch (RuntimeException e) { // thrown out of here, it would end the beats
      LOG.warn("{} is not freed before {}: {}", topic, before, e.getMessage());
    }
  }

  private CompletableFuture<Long> send(String kind) {
    return sender.send(topic, Map.of(Post.KIND, kind, Terms.TERM, term), new byte[0]);
  }

  /** Says that the server goes, if the broker is there to hear it. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (thread.awaitTermination(BEAT_MS, TimeUnit.MILLISECONDS) && last.isDone()) {
        var unused = send(GONE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      sender.close();
    }
  }
}
