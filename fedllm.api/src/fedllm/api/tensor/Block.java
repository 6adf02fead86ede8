package fedllm.api.tensor;

import java.util.Arrays;

/**
 * Where a fold leaves its result: sums in double precision, so that the mean of equal updates is
 * that update. Owned by the runtime, which reuses it from unit to unit; used by one thread.
 */
public final class Block {

  private double[] sums = new double[0];
  private int length;

  /** Makes it {@code length} zeros. */
  public void reset(int newLength) {
    if (sums.length < newLength) {
      sums = new double[newLength];
    } else {
      Arrays.fill(sums, 0, newLength, 0);
    }
    length = newLength;
  }

  /** How many values it has. */
  public int length() {
    return length;
  }

  /** Adds {@code weight} times {@code values[0..length)}. */
  public void add(double weight, float[] values) {
    double[] s = sums;
    for (int i = 0, n = length; i < n; i++) {
      s[i] += weight * values[i];
    }
  }

  /** Sets one value. */
  public void set(int i, double value) {
    sums[i] = value;
  }

  /** One value. */
  public double get(int i) {
    return sums[i];
  }

  /** Rounds the values to floats, into {@code out[0..length)}. */
  public void copyTo(float[] out) {
    for (int i = 0, n = length; i < n; i++) {
      out[i] = (float) sums[i];
    }
  }
}
