package fedllm.runtime;

import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Time for trainers of fixed durations, which passes only while every client either works or has
 * sent an update that no round counts yet: who is done when depends on the durations alone, however
 * fast the machine is. Safe for many threads.
 */
final class VirtualClock {

  private final Map<String, Integer> durations;
  private int buffer;
  private final Map<String, Long> due = new TreeMap<>();
  private final Set<String> done = new TreeSet<>();
  private boolean filling;
  private long now;

  /** For clients that take so long each; a round closes with so many updates. */
  VirtualClock(Map<String, Integer> durations, int buffer) {
    this.durations = durations;
    this.buffer = buffer;
    this.filling = buffer > 0;
  }

  /** So many updates are awaited before anybody works anew. */
  synchronized void buffer(int updates) {
    buffer = updates;
    filling = buffer > done.size();
    notifyAll();
  }

  /** A client begins to work. */
  synchronized void begin(String client) {
    done.remove(client);
    filling |= done.isEmpty() && buffer > 0; // all who were counted are back
    due.put(client, now + durations.get(client));
    notifyAll();
  }

  /** Whether a client is done; waits a moment for it. */
  synchronized boolean isDone(String client) throws InterruptedException {
    long untilNs = System.nanoTime() + 20_000_000;
    advance();
    while (due.containsKey(client)) {
      long leftMs = (untilNs - System.nanoTime()) / 1_000_000;
      if (leftMs <= 0) {
        return false;
      }
      wait(leftMs);
      advance();
    }
    return true;
  }

  /** A client died before anybody had its update; it begins anew. */
  synchronized void died(String client) {
    due.remove(client);
    done.remove(client);
    filling = done.size() < buffer;
  }

  /** A client will not end its work. */
  synchronized void giveUp(String client) {
    due.remove(client);
  }

  private void advance() {
    while (filling && due.size() + done.size() == durations.size()) {
      String next = due.keySet().stream().min(Comparator.comparing(due::get)).orElseThrow();
      now = due.remove(next);
      done.add(next);
      filling = done.size() < buffer;
      notifyAll();
    }
  }
}
