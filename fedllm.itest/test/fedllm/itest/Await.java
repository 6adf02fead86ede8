package fedllm.itest;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.opentest4j.AssertionFailedError;

/** Waits for what happens on other threads and in other processes. */
final class Await {

  private static final long PATIENCE_SECONDS = 90;
  private static final long LOOK_EVERY_MS = 10;

  private Await() {}

  static void until(String what, BooleanSupplier holds) {
    present(what, () -> holds.getAsBoolean() ? Optional.of(true) : Optional.empty());
  }

  /** Waits for something to be there; what was seen last is said where it never comes. */
  static <T> T present(String what, Supplier<Optional<T>> look) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      Optional<T> seen = look.get();
      if (seen.isPresent()) {
        return seen.get();
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionFailedError("waited " + PATIENCE_SECONDS + " s: " + what);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_EVERY_MS));
    }
  }
}
