package fedllm.learning.quantize;

/**
 * The largest magnitudes of blocks as bytes: {@code mean + q * s}, with one mean for all and an
 * {@code s} for each 256 blocks, the largest distance from the mean among them, by 127. The error
 * is at most {@code s / 2}, but up to {@code s} where the nearest {@code q} would make a magnitude
 * that is not above zero.
 *
 * <p>Layout: {@code q} as signed bytes, {@code s} as 32-bit floats. Reading multiplies and adds in
 * 32 bits, each rounded. Immutable.
 */
public final class Absmax {

  /** Blocks that share a step. */
  public static final int GROUP = 256;

  private final float mean;
  private final float[] steps;
  private final byte[] codes;

  private Absmax(float mean, float[] steps, byte[] codes) {
    this.mean = mean;
    this.steps = steps;
    this.codes = codes;
  }

  static Absmax of(float[] magnitudes) {
    double sum = 0;
    for (float magnitude : magnitudes) {
      sum += magnitude;
    }
    int groups = (magnitudes.length + GROUP - 1) / GROUP;
    Absmax made =
        new Absmax(
            (float) (sum / Math.max(1, magnitudes.length)),
            new float[groups],
            new byte[magnitudes.length]);
    for (int group = 0; group < groups; group++) {
      made.encode(magnitudes, group);
    }
    return made;
  }

  private void encode(float[] magnitudes, int group) {
    int from = group * GROUP;
    int to = Math.min(magnitudes.length, from + GROUP);
    float farthest = 0;
    for (int i = from; i < to; i++) {
      farthest = Math.max(farthest, Math.abs(magnitudes[i] - mean));
    }
    float step = farthest / 127;
    steps[group] = step;
    for (int i = from; i < to; i++) {
      int q = step == 0 ? 0 : (int) Math.rint((magnitudes[i] - mean) / step);
      q = Math.max(-127, Math.min(127, q));
      // A magnitude that is zero or less would empty its block, or turn its signs.
      float least = magnitudes[i] == 0 ? 0 : Float.MIN_VALUE;
      while (q < 127 && mean + q * step < least) {
        q++;
      }
      while (q > -127 && Float.isInfinite(mean + q * step)) {
        q--;
      }
      codes[i] = (byte) q;
    }
  }

  /** The largest magnitude of a block, as it is read back. */
  public float get(int block) {
    return mean + codes[block] * steps[block / GROUP];
  }

  /** The mean of all. */
  public float mean() {
    return mean;
  }

  /** A step for each {@link #GROUP} blocks; a copy. */
  public float[] steps() {
    return steps.clone();
  }

  /** A signed byte for each block; a copy. */
  public byte[] codes() {
    return codes.clone();
  }
}
