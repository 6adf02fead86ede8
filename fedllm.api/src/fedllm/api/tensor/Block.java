package fedllm.api.tensor;

import java.util.Arrays;

/**
 * Where a fold leaves its result. Every value is the sum of two floats, some 48 bits, so that the
 * mean of equal updates is that update; below 1e-36 the last bits are lost. Owned by the runtime,
 * which reuses it from unit to unit; used by one thread.
 *
 * <p>Two floats and not a double, because compilers make vector code of loops over floats alone.
 */
public final class Block {

  /** Columns at a time: their sums stay in the nearest cache while all members are added. */
  private static final int RUN = 2048;

  private float[] high = new float[0];
  private float[] low = new float[0];
  private int length;

  /** Makes it {@code length} zeros. */
  public void reset(int newLength) {
    if (high.length < newLength) {
      high = new float[newLength];
      low = new float[newLength];
    } else {
      Arrays.fill(high, 0, newLength, 0);
      Arrays.fill(low, 0, newLength, 0);
    }
    length = newLength;
  }

  /** How many values it has. */
  public int length() {
    return length;
  }

  /** Adds {@code weight} times {@code values[0..length)}. */
  public void add(double weight, float[] values) {
    add(weight, values, 0, length);
  }

  /** Adds each of {@code values[k][0..length)}, times {@code weights[k]}, in order. */
  public void add(double[] weights, float[][] values) {
    for (int from = 0; from < length; from += RUN) {
      int to = Math.min(length, from + RUN);
      for (int k = 0; k < weights.length; k++) {
        add(weights[k], values[k], from, to);
      }
    }
  }

  /** Adds {@code weight} times {@code values[from..to)} to the values at the same places. */
  public void add(double weight, float[] values, int from, int to) {
    float w = (float) weight;
    add(high, low, w, (float) (weight - w), values, from, to);
  }

  /**
   * Knuth's sum of two floats, and by a fused product the product of two: what is rounded off is
   * exact, and collected in {@code low}. All indices are equal, or there would be no vector code.
   */
  private static void add(
      float[] high, float[] low, float w, float wLow, float[] values, int from, int to) {
    for (int i = from; i < to; i++) {
      float x = values[i];
      float product = w * x;
      float lost = Math.fma(wLow, x, Math.fma(w, x, -product));
      float before = high[i];
      float sum = before + product;
      float z = sum - before;
      high[i] = sum;
      low[i] += ((before - (sum - z)) + (product - z)) + lost;
    }
  }

  /** Sets one value. */
  public void set(int i, double value) {
    high[i] = (float) value;
    low[i] = (float) (value - high[i]);
  }

  /** One value. */
  public double get(int i) {
    return (double) high[i] + low[i];
  }

  /** Rounds the values to floats, into {@code out[0..length)}. */
  public void copyTo(float[] out) {
    for (int i = 0, n = length; i < n; i++) {
      out[i] = high[i] + low[i];
    }
  }
}
