package fedllm.runtime.silo;

import fedllm.api.error.Cancelled;
import fedllm.api.error.Unreachable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for a broker that is away, for as long as an order is wanted: without a broker nobody can
 * want anything else. One thread.
 */
final class Patience {

  private static final Logger LOG = LoggerFactory.getLogger(Patience.class);
  private static final long AGAIN_MS = 500;

  private final Runnable wanted;

  /** {@code wanted} throws {@link Cancelled} when the order is wanted no longer. */
  Patience(Runnable wanted) {
    this.wanted = wanted;
  }

  /** Throws {@link Cancelled} when the order is wanted no longer. */
  void check() {
    wanted.run();
  }

  /** Asks until there is an answer. */
  <T> T ask(String what, Supplier<T> question) {
    for (boolean said = false; ; said = true) {
      try {
        return question.get();
      } catch (Unreachable e) {
        if (!said) {
          LOG.warn("waits for the broker to {}: {}", what, e.getMessage());
        }
        rest();
      }
    }
  }

  /** Lets a while pass. */
  void rest() {
    check();
    LockSupport.parkNanos(AGAIN_MS * 1_000_000);
    check();
  }
}
