package fedllm.learning.quantize;

import fedllm.api.tensor.Tensor;
import java.nio.ByteBuffer;

/**
 * A tensor as 4-bit NormalFloat with double quantisation (QLoRA, arXiv:2305.14314): each value is
 * one of 16 quantiles of a normal distribution, times the largest magnitude of its block of 64,
 * which {@link Absmax} holds. The nearest of the 16 is taken, of two equally near the lower; zero
 * stays zero. 4.127 bits a value.
 *
 * <p>Layout: the tensor's values in row-major order, blocks run on over the ends of rows, the last
 * may be shorter; two codes a byte, the first in the high nibble; where one is left over, the low
 * nibble is the code of zero. Used by one thread.
 */
public final class Nf4 {

  /** Values that share a largest magnitude. */
  public static final int BLOCK = 64;

  private static final float[] CODEBOOK = {
    -1.0f,
    -0.6961928f,
    -0.52507305f,
    -0.3949175f,
    -0.28444138f,
    -0.18477343f,
    -0.091050036f,
    0.0f,
    0.0795803f,
    0.1609302f,
    0.24611230f,
    0.33791524f,
    0.44070983f,
    0.562617f,
    0.72295684f,
    1.0f
  };

  private static final int ZERO = 7;

  /** Cells for one unit; so narrow that a cell holds at most one middle between two codes. */
  private static final int CELLS = 32;

  /** The middle between a code and the next. */
  private static final float[] MIDDLES = middles();

  /** The lowest code that a value of a cell can have. */
  private static final byte[] LOWEST = lowest();

  private final Tensor tensor;
  private final ByteBuffer codes;
  private final float[] absmax;
  private final byte[] packed = new byte[BLOCK / 2];
  private final float[] pending = new float[BLOCK];
  private int pendingCount;
  private int blocks;
  private long taken;

  /**
   * Begins a tensor.
   *
   * @param codes takes {@link #bytes} bytes, from its position on
   */
  public Nf4(Tensor tensor, ByteBuffer codes) {
    if (codes.remaining() < bytes(tensor.size())) {
      throw new IllegalArgumentException(codes.remaining() + " bytes are too few for " + tensor);
    }
    this.tensor = tensor;
    this.codes = codes;
    absmax = new float[blocks(tensor.size())];
  }

  /** How many bytes the codes of so many values take. */
  public static int bytes(long values) {
    return Math.toIntExact((values + 1) / 2);
  }

  /** How many blocks so many values are. */
  public static int blocks(long values) {
    return Math.toIntExact((values + BLOCK - 1) / BLOCK);
  }

  /** The 16 values of the codes, ascending, from -1 to 1. */
  public static float[] codebook() {
    return CODEBOOK.clone();
  }

  /**
   * Takes the next values, as many as there are.
   *
   * @throws fedllm.api.error.SitsOut when a value is not finite; the message names tensor and place
   */
  public void add(float[] values, int from, int count) {
    if (count > tensor.size() - taken - pendingCount) {
      throw new IllegalArgumentException(count + " values are too many for " + tensor);
    }
    int at = from;
    int end = from + count;
    while (at < end) {
      if (pendingCount == 0 && end - at >= BLOCK) {
        block(values, at, BLOCK);
        at += BLOCK;
      } else {
        int n = Math.min(BLOCK - pendingCount, end - at);
        System.arraycopy(values, at, pending, pendingCount, n);
        pendingCount += n;
        at += n;
        if (pendingCount == BLOCK || taken + pendingCount == tensor.size()) {
          block(pending, 0, pendingCount);
          pendingCount = 0;
        }
      }
    }
  }

  /** The blocks' largest magnitudes, when all values were taken. */
  public Absmax finish() {
    if (taken != tensor.size()) {
      throw new IllegalStateException(tensor + " lacks its values from " + taken + " on");
    }
    return Absmax.of(absmax);
  }

  private void block(float[] values, int from, int count) {
    float largest = Magnitude.largest(tensor, taken, values, from, count);
    float divisor = largest == 0 ? 1 : largest;
    int pairs = count / 2;
    for (int i = 0; i < pairs; i++) {
      int high = code(values[from + 2 * i] / divisor);
      int low = code(values[from + 2 * i + 1] / divisor);
      packed[i] = (byte) (high << 4 | low);
    }
    if (count % 2 != 0) {
      packed[pairs] = (byte) (code(values[from + count - 1] / divisor) << 4 | ZERO);
    }
    codes.put(packed, 0, (count + 1) / 2);
    absmax[blocks++] = largest;
    taken += count;
  }

  /**
   * Reads {@code count} values from value {@code from} on.
   *
   * @param codes the packed codes, from the position on, which stays
   */
  public static void decode(
      ByteBuffer codes, Absmax absmax, int from, float[] out, int at, int count) {
    for (int i = from; i < from + count; i++) {
      int pair = codes.get(codes.position() + i / 2);
      int code = i % 2 == 0 ? pair >> 4 & 0xF : pair & 0xF;
      out[at + i - from] = CODEBOOK[code] * absmax.get(i / BLOCK);
    }
  }

  /**
   * The code nearest to a value in [-1, 1]: a table leaves one comparison, which is the sign of a
   * difference, for nobody can foretell a branch here.
   */
  static int code(float value) {
    int lowest = LOWEST[(int) (value * CELLS + CELLS)];
    return lowest + (Float.floatToRawIntBits(MIDDLES[lowest] - value) >>> 31);
  }

  private static float[] middles() {
    float[] middles = new float[CODEBOOK.length];
    for (int i = 0; i < 15; i++) {
      middles[i] = (float) (((double) CODEBOOK[i] + CODEBOOK[i + 1]) / 2);
    }
    middles[15] = Float.POSITIVE_INFINITY;
    return middles;
  }

  private static byte[] lowest() {
    byte[] lowest = new byte[2 * CELLS + 1];
    for (int cell = 0; cell < lowest.length; cell++) {
      // What lies just under a cell may be rounded into it.
      float from = (float) cell / CELLS - 1 - 0x1p-15f;
      while (MIDDLES[lowest[cell]] < from) {
        lowest[cell]++;
      }
    }
    return lowest;
  }
}
