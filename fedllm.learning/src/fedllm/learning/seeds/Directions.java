package fedllm.learning.seeds;

import fedllm.api.random.Philox;

/**
 * Numbered directions z(0), z(1), ..., the same for everybody who knows the seed. Values are
 * independent, of mean 0 and variance 1.
 *
 * @param seed the job's
 * @param form {@link #NORMAL}, or {@link #SIGN} for -1 and 1, which take a fiftieth of the time
 */
public record Directions(long seed, String form) {

  /** Standard normal values. */
  public static final String NORMAL = "normal";

  /** -1 or 1: bit {@code i mod 32} of word {@code i div 32} of the stream, 1 where it is set. */
  public static final String SIGN = "sign";

  public Directions {
    if (!form.equals(NORMAL) && !form.equals(SIGN)) {
      throw new IllegalArgumentException(
          "directions are " + NORMAL + " or " + SIGN + ", not " + form);
    }
  }

  /** Direction {@code number}. */
  public Direction of(int number) {
    Philox stream = Philox.of(seed, 0, "", number, "shared direction");
    return form.equals(NORMAL) ? stream::addNormals : new Signs(stream);
  }

  private record Signs(Philox stream) implements Direction {

    private static final int BITS = 128; // of a block

    @Override
    public void add(long position, float scale, float[] values, int count) {
      int[] block = new int[4];
      for (int i = 0; i < count; ) {
        long at = position + i;
        stream.block(at / BITS, block, 0);
        for (int bit = (int) (at % BITS); bit < BITS && i < count; bit++, i++) {
          boolean set = (block[bit >>> 5] >>> (bit & 31) & 1) != 0;
          values[i] += set ? scale : -scale;
        }
      }
    }
  }
}
