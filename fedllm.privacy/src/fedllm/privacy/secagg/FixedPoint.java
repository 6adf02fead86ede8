package fedllm.privacy.secagg;

import fedllm.api.error.Refused;
import fedllm.api.error.SitsOut;
import fedllm.api.random.Philox;

/**
 * Values as whole numbers: {@code q = floor((min(max(x, -clip), clip) + clip) / step + u)}, {@code
 * step = 2 clip / (2^bits - 1)}, u uniform in [0, 1), so that a value inside the clip is met in
 * expectation. A client sends {@code n q} and {@code n}, with n its examples, at most maxWeight.
 *
 * @param threshold how many silos it takes to unmask
 * @param bits of one value
 * @param maxWeight the most examples of one silo
 * @param clip the largest magnitude of a value
 */
public record FixedPoint(int threshold, int bits, int maxWeight, float clip) {

  /** How many values say a rule. */
  static final int VALUES = 4;

  private static final long RING = 1L << 32;

  /** As {@link #put} wrote it. */
  static FixedPoint of(float[] values) {
    return new FixedPoint((int) values[0], (int) values[1], (int) values[2], values[3]);
  }

  void put(float[] values) {
    values[0] = threshold;
    values[1] = bits;
    values[2] = maxWeight;
    values[3] = clip;
  }

  /** The largest code. */
  private int top() {
    return (1 << bits) - 1;
  }

  private double step() {
    return 2.0 * clip / top();
  }

  /**
   * Lets a number of silos pass.
   *
   * @throws Refused where their sum could leave the ring, or the threshold does not suit them
   */
  void admit(int silos) {
    if (silos < threshold) {
      throw new Refused(
          "secagg: %d silos are there, and it takes %d to unmask (threshold)"
              .formatted(silos, threshold));
    }
    if (Math.multiplyExact((long) silos * maxWeight, (long) top()) >= RING) {
      throw new Refused(
          "secagg: %d silos of up to %,d examples (maxWeight) and codes of %d bits could sum up to"
                  .formatted(silos, maxWeight, bits)
              + " more than the ring's 2^32; at most %d bits are possible"
                  .formatted(63 - Long.numberOfLeadingZeros(RING / ((long) silos * maxWeight))));
    }
  }

  /**
   * Turns values into weighted codes.
   *
   * @param random of these values alone
   * @return how many values were clipped
   */
  public int encode(float[] values, long weight, Philox random, int[] codes) {
    double step = step();
    float[] uniform = new float[Math.min(values.length, 1 << 14)];
    int clipped = 0;
    for (int from = 0; from < values.length; from += uniform.length) {
      int count = Math.min(uniform.length, values.length - from);
      random.uniforms(from, uniform, count);
      for (int i = 0; i < count; i++) {
        float value = values[from + i];
        if (!Float.isFinite(value)) {
          throw new SitsOut("what it learned holds a value that is not finite; training diverged");
        }
        float inside = Math.max(-clip, Math.min(clip, value));
        clipped += inside == value ? 0 : 1;
        int code = (int) (((double) inside + clip) / step + uniform[i]);
        codes[from + i] = (int) weight * Math.min(top(), code);
      }
    }
    return clipped;
  }

  /** The weighted mean, out of the sums of codes and of weights. */
  public float mean(int sum, long weights) {
    return (float) (Integer.toUnsignedLong(sum) / (double) weights * step() - clip);
  }
}
