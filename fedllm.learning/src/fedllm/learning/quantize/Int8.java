package fedllm.learning.quantize;

import fedllm.api.tensor.Tensor;
import java.nio.ByteBuffer;

/**
 * A tensor as signed bytes with a scale for each row (output channel): {@code v = q * s}, {@code s
 * = max|v| / 127} over the row, {@code q = round(v / s)}, ties to even; an error of at most {@code
 * s / 2}. Zero stays zero.
 *
 * <p>A scale has 17 significant bits, rounded up: {@code q * s} is then exact in 32 bits, and what
 * was read back gives the same bytes again.
 *
 * <p>Layout: {@code q} row by row, a byte each, as the tensor's shape says; {@code s} apart, as
 * 32-bit floats, one a row. The rows are the tensor's outermost size. Used by one thread.
 */
public final class Int8 {

  private static final int STEPS = 127;

  /** Added to a small float, it leaves the nearest integer, ties to even, in the lowest bits. */
  private static final float ROUND = 0x1.8p23f;

  private final Tensor tensor;
  private final int width;
  private final ByteBuffer codes;
  private final byte[] row;
  private final float[] scales;
  private int rows;

  /**
   * Begins a tensor of at least one size.
   *
   * @param codes takes as many bytes as the tensor has values, from its position on
   */
  public Int8(Tensor tensor, ByteBuffer codes) {
    if (codes.remaining() < tensor.size()) {
      throw new IllegalArgumentException(codes.remaining() + " bytes are too few for " + tensor);
    }
    this.tensor = tensor;
    this.codes = codes;
    scales = new float[Math.toIntExact(tensor.shape().get(0))];
    width = Math.toIntExact(tensor.size() / scales.length);
    row = new byte[width];
  }

  /**
   * Takes the next rows, whole ones.
   *
   * @throws fedllm.api.error.SitsOut when a value is not finite; the message names tensor and place
   */
  public void add(float[] values, int from, int count) {
    if (count % width != 0 || count / width > scales.length - rows) {
      throw new IllegalArgumentException(
          count + " values after row " + rows + " are no rows of " + tensor);
    }
    for (int at = from; at < from + count; at += width) {
      float scale = scale(Magnitude.largest(tensor, (long) rows * width, values, at, width));
      float divisor = scale == 0 ? 1 : scale;
      for (int i = 0; i < width; i++) {
        row[i] = (byte) Float.floatToRawIntBits(values[at + i] / divisor + ROUND);
      }
      codes.put(row);
      scales[rows++] = scale;
    }
  }

  /** The scales, when all rows were taken. */
  public float[] scales() {
    if (rows != scales.length) {
      throw new IllegalStateException(tensor + " lacks its rows from " + rows + " on");
    }
    return scales;
  }

  /**
   * Reads {@code count} values from value {@code from} on.
   *
   * @param codes the bytes, from the position on, which stays
   */
  public static void decode(
      Tensor tensor, ByteBuffer codes, float[] scales, int from, float[] out, int at, int count) {
    int width = Math.toIntExact(tensor.size() / scales.length);
    for (int i = 0; i < count; i++) {
      out[at + i] = codes.get(codes.position() + from + i) * scales[(from + i) / width];
    }
  }

  private static float scale(float largest) {
    if (largest == 0) {
      return 0;
    }
    // Below a normal number the scale would have fewer bits than the rule needs.
    int bits = Float.floatToRawIntBits(Math.max(largest / STEPS, Float.MIN_NORMAL));
    float up = Float.intBitsToFloat(bits + 0x7F & ~0x7F);
    return Float.isFinite(up * STEPS) ? up : Float.intBitsToFloat(bits & ~0x7F);
  }
}
