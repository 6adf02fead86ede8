package fedllm.runtime.silo;

import fedllm.api.transport.Sender;
import fedllm.api.transport.Transport;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Word;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says every second that a silo lives, on a thread and with a sender of its own: neither work that
 * takes all cores nor an upload that fills the line keeps a beat back for long. One beat at a time
 * is on its way.
 */
final class Heart implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Heart.class);
  private static final long BEAT_MS = 1000;

  private final String topic;
  private final Supplier<Map<String, String>> doing;
  private final Sender sender;
  private final Thread thread = new Thread(this::beat, "fedllm-heart");
  private final CountDownLatch stopped = new CountDownLatch(1);

  /**
   * Beats from now on.
   *
   * @param doing what the silo does, by run; asked on the heart's thread
   */
  Heart(Transport transport, String topic, Supplier<Map<String, String>> doing) {
    this.topic = topic;
    this.doing = doing;
    this.sender = transport.sender();
    thread.setDaemon(true);
    thread.start();
  }

  private void beat() {
    Post post = new Post(sender);
    long next = System.nanoTime();
    boolean fails = false;
    try {
      do {
        try {
          post.word(topic, new Word.Beat(doing.get()));
          fails = false;
        } catch (RuntimeException e) { // a heart that stopped for this would be a silo that is lost
          if (!fails && stopped.getCount() > 0) {
            LOG.warn("a beat could not be sent; the next will be tried", e);
          }
          fails = true;
        }
        next = Math.max(next + BEAT_MS * 1_000_000, System.nanoTime());
      } while (!stopped.await(next - System.nanoTime(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Beats no more: what was on its way is in the log. */
  @Override
  public void close() {
    stopped.countDown();
    try {
      sender.close();
    } catch (RuntimeException e) {
      LOG.debug("a beat was lost, and the next will not come", e);
    }
  }
}
