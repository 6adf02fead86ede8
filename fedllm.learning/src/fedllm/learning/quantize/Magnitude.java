package fedllm.learning.quantize;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensor;

/** The largest magnitude of a run of values. */
final class Magnitude {

  private static final int INFINITE = 0x7F80_0000;

  private Magnitude() {}

  /** Of {@code count} values of a tensor; {@code offset} is where in it the first one stands. */
  static float largest(Tensor tensor, long offset, float[] values, int from, int count) {
    int largest = 0;
    for (int i = from; i < from + count; i++) {
      largest = Math.max(largest, Float.floatToRawIntBits(values[i]) & 0x7FFF_FFFF);
    }
    if (largest >= INFINITE) {
      throw notFinite(tensor, offset, values, from);
    }
    return Float.intBitsToFloat(largest);
  }

  private static SitsOut notFinite(Tensor tensor, long offset, float[] values, int from) {
    int at = from;
    while (Float.isFinite(values[at])) {
      at++;
    }
    return new SitsOut(
        tensor
            + " is "
            + values[at]
            + " at value "
            + (offset + at - from)
            + ", which no scale can hold; the model's files are damaged");
  }
}
