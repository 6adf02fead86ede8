package fedllm.cli.run;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How often a process that died may be started again, before it is given up. Used by one thread.
 */
final class Revivals {

  /** Whoever dies more often dies of something that another start does not change. */
  static final int MOST = 3;

  static final long WITHIN_MS = TimeUnit.MINUTES.toMillis(5);

  private final Map<String, Deque<Long>> starts = new HashMap<>();

  /** Whether a process may be started once more now; if so, that is counted. */
  boolean mayStart(String name, long nowMs) {
    Deque<Long> recent = starts.computeIfAbsent(name, n -> new ArrayDeque<>());
    while (!recent.isEmpty() && nowMs - recent.peek() >= WITHIN_MS) {
      recent.remove();
    }
    if (recent.size() == MOST) {
      return false;
    }
    recent.add(nowMs);
    return true;
  }
}
