package fedllm.api.random;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Philox4x32-10 (Salmon et al., SC'11): the number at a position is a function of key and position
 * alone, so that any thread can draw any part of a stream, in any order, and again.
 *
 * <p>The key is the first 8 bytes, big-endian, of SHA-256 over the UTF-8 text {@code
 * seed/round/client/step/purpose}. Position {@code i} is word {@code i mod 4} of the block whose
 * counter is {@code i div 4}. {@code docs/random.md} says it to the bit, with vectors. Immutable;
 * safe for many threads.
 */
public final class Philox {

  private static final int M0 = 0xD2511F53;
  private static final int M1 = 0xCD9E8D57;
  private static final int W0 = 0x9E3779B9;
  private static final int W1 = 0xBB67AE85;
  private static final double UNIT = 0x1p-32;

  private final int key0;
  private final int key1;

  /** The stream of a raw 64-bit key. */
  public Philox(long key) {
    key0 = (int) key;
    key1 = (int) (key >>> 32);
  }

  /** The stream for one purpose of one client in one step of one round. */
  public static Philox of(long seed, int round, String client, long step, String purpose) {
    String text = seed + "/" + round + "/" + client + "/" + step + "/" + purpose;
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return new Philox(ByteBuffer.wrap(hash).getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Writes the four words of block {@code counter} to {@code out[at..at+4)}. */
  public void block(long counter, int[] out, int at) {
    int c0 = (int) counter;
    int c1 = (int) (counter >>> 32);
    int c2 = 0;
    int c3 = 0;
    int k0 = key0;
    int k1 = key1;
    for (int i = 0; i < 10; i++) {
      long p0 = (M0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
      long p1 = (M1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += W0;
      k1 += W1;
    }
    out[at] = c0;
    out[at + 1] = c1;
    out[at + 2] = c2;
    out[at + 3] = c3;
  }

  /** The word at a position. */
  public int word(long position) {
    int[] four = new int[4];
    block(position >>> 2, four, 0);
    return four[(int) (position & 3)];
  }

  /** A number in [0, bound), from the word at a position by multiplication. */
  public int below(long position, int bound) {
    if (bound <= 0) {
      throw new IllegalArgumentException("no number lies in [0, " + bound + ")");
    }
    return (int) (((word(position) & 0xFFFFFFFFL) * bound) >>> 32);
  }

  /** A number in [0, 1), from the word at a position. */
  public double uniform(long position) {
    return (word(position) & 0xFFFFFFFFL) * UNIT;
  }

  /** Fills {@code out[0..count)} with the uniform numbers in [0, 1) from {@code position} on. */
  public void uniforms(long position, float[] out, int count) {
    int[] four = new int[4];
    for (int i = 0; i < count; ) {
      long at = position + i;
      block(at >>> 2, four, 0);
      for (int j = (int) (at & 3); j < 4 && i < count; j++, i++) {
        out[i] = (four[j] >>> 8) * 0x1p-24f;
      }
    }
  }

  /**
   * Adds {@code scale} times the standard normal numbers from {@code position} on to {@code
   * values[0..count)}.
   *
   * <p>Box-Muller on the words (a, b) at an even position and the next: {@code u = (a + 1) / 2^32,
   * v = b / 2^32}; the two numbers are {@code sqrt(-2 ln u)} times {@code cos(2 pi v)} and {@code
   * sin(2 pi v)}, by {@link StrictMath}.
   */
  public void addNormals(long position, float scale, float[] values, int count) {
    int[] four = new int[4];
    double[] normals = new double[4];
    for (int i = 0; i < count; ) {
      long at = position + i;
      block(at >>> 2, four, 0);
      normalPair(four[0], four[1], normals, 0);
      normalPair(four[2], four[3], normals, 2);
      for (int j = (int) (at & 3); j < 4 && i < count; j++, i++) {
        values[i] += (float) (scale * normals[j]);
      }
    }
  }

  private static void normalPair(int a, int b, double[] out, int at) {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(((a & 0xFFFFFFFFL) + 1) * UNIT));
    double angle = 2 * StrictMath.PI * ((b & 0xFFFFFFFFL) * UNIT);
    out[at] = radius * StrictMath.cos(angle);
    out[at + 1] = radius * StrictMath.sin(angle);
  }
}
