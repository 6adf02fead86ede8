package fedllm.codecs.topk;

import java.util.Arrays;

/**
 * Finds the k-th largest magnitude without sorting: the bits of magnitudes order as integers do, so
 * three counts over 11, 10 and 10 of them close in on it, whatever the values are.
 */
final class Magnitudes {

  private static final int FIRST_SHIFT = 20;

  private final int[] counts = new int[1 << 11];
  private int[] candidates = new int[0];
  private int above;

  /** Larger for a value of larger magnitude; largest for what is no number. */
  static int of(float value) {
    return Float.floatToRawIntBits(value) & 0x7FFF_FFFF;
  }

  /** The {@code k}-th largest magnitude, 1 for the largest, of {@code values[0..count)}. */
  int largest(float[] values, int count, int k) {
    Arrays.fill(counts, 0);
    for (int i = 0; i < count; i++) {
      counts[of(values[i]) >>> FIRST_SHIFT]++;
    }
    above = 0;
    int top = find(k);
    if (candidates.length < counts[top]) {
      candidates = new int[counts[top]];
    }
    int n = 0;
    for (int i = 0; i < count; i++) {
      int magnitude = of(values[i]);
      if (magnitude >>> FIRST_SHIFT == top) {
        candidates[n++] = magnitude;
      }
    }
    int middle = narrow(n, top, 10, k);
    return narrow(n, top << 10 | middle, 0, k) | top << FIRST_SHIFT | middle << 10;
  }

  /** How many magnitudes are above the one that {@link #largest} found. */
  int above() {
    return above;
  }

  /** The ten bits above {@code shift}, among candidates whose bits above those are known. */
  private int narrow(int n, int known, int shift, int k) {
    Arrays.fill(counts, 0, 1 << 10, 0);
    for (int i = 0; i < n; i++) {
      if (candidates[i] >>> shift + 10 == known) {
        counts[candidates[i] >>> shift & 0x3FF]++;
      }
    }
    Arrays.fill(counts, 1 << 10, counts.length, 0);
    return find(k);
  }

  /**
   * The highest count with which at least {@code k} are reached, {@code above} brought up to it.
   */
  private int find(int k) {
    int bucket = counts.length - 1;
    while (above + counts[bucket] < k) {
      above += counts[bucket--];
    }
    return bucket;
  }
}
