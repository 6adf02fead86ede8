package fedllm.runtime.server;

import java.util.Arrays;

/**
 * How regularly one silo beats, and from when on its silence means that it is lost: twice the
 * longest gap among its recent beats, within bounds. Whatever delays its beats (a machine with more
 * work than cores, a slow line) is learnt so, and a silo that beats like a clock is missed within
 * seconds. One thread.
 */
final class Pulse {

  /** Three beats: less would be a guess. */
  static final long LEAST_MS = 3000;

  /** As long for whoever is not known yet. */
  static final long MOST_MS = 15_000;

  /** Gaps that are remembered; the oldest gives way. */
  private static final int RECENT = 100;

  /** Fewer say nothing. */
  private static final int FEW = 8;

  private final long[] gapsMs = new long[RECENT];
  private int gaps;
  private long beatMs = -1;
  private long heardMs;

  /** It says for the first time, or anew after it was started again, that it is there. */
  void comes(long nowMs) {
    beatMs = -1; // how long a start takes says nothing of beats
    heardMs = nowMs;
  }

  /** Something other than a beat was heard. */
  void heard(long nowMs) {
    heardMs = nowMs;
  }

  void beat(long nowMs) {
    if (beatMs >= 0) {
      gapsMs[gaps++ % RECENT] = nowMs - beatMs;
    }
    beatMs = nowMs;
    heardMs = nowMs;
  }

  /** For how long nothing was heard. */
  long silentMs(long nowMs) {
    return nowMs - heardMs;
  }

  /** How long a silence may be. */
  long boundMs() {
    if (gaps < FEW) {
      return MOST_MS;
    }
    long longest = Arrays.stream(gapsMs, 0, Math.min(gaps, RECENT)).max().orElse(0);
    return Math.max(LEAST_MS, Math.min(MOST_MS, 2 * longest));
  }
}
