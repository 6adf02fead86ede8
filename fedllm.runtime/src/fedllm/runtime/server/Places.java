package fedllm.runtime.server;

import java.util.HashMap;
import java.util.Map;

/** How far each topic was read or written here. The server's thread. */
final class Places {

  private final Map<String, Long> next = new HashMap<>();

  /** All before an offset was read, or written, here. */
  void reached(String topic, long offset) {
    next.merge(topic, offset, Math::max);
  }

  /** The offset after the last record of a topic that is known here; 0 where none is. */
  long next(String topic) {
    return next.getOrDefault(topic, 0L);
  }
}
