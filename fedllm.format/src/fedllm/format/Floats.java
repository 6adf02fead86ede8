package fedllm.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;

/** Little-endian floating-point bytes to and from {@code float[]}. */
public final class Floats {

  private Floats() {}

  /** Reads {@code count} elements of F32, F16 or BF16. */
  public static void read(Dtype dtype, ByteBuffer in, float[] out, int at, int count) {
    ByteBuffer bytes = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    switch (dtype) {
      case F32 -> bytes.asFloatBuffer().get(out, at, count);
      case BF16 -> {
        ShortBuffer shorts = bytes.asShortBuffer();
        for (int i = 0; i < count; i++) {
          out[at + i] = Float.intBitsToFloat(shorts.get(i) << 16);
        }
      }
      case F16 -> {
        ShortBuffer shorts = bytes.asShortBuffer();
        for (int i = 0; i < count; i++) {
          out[at + i] = halfToFloat(shorts.get(i));
        }
      }
      default -> throw new IllegalArgumentException(dtype + " is not read as floats");
    }
    in.position(in.position() + count * dtype.bytes());
  }

  /** Writes {@code count} elements of F32, or of BF16 rounded to nearest even. */
  public static void write(Dtype dtype, float[] values, int at, int count, ByteBuffer out) {
    ByteBuffer bytes = out.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    switch (dtype) {
      case F32 -> bytes.asFloatBuffer().put(values, at, count);
      case BF16 -> {
        ShortBuffer shorts = bytes.asShortBuffer();
        for (int i = 0; i < count; i++) {
          shorts.put(i, bfloat16(values[at + i]));
        }
      }
      default -> throw new IllegalArgumentException(dtype + " is not written");
    }
    out.position(out.position() + count * dtype.bytes());
  }

  /** The nearest bfloat16, ties to even; what is not a number stays so. */
  static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40);
    }
    return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
  }

  /** IEEE binary16, which Java reads by itself from 20 on only. */
  static float halfToFloat(short half) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >>> 10 & 0x1F;
    int fraction = half & 0x3FF;
    if (exponent == 0) {
      float small = fraction * 0x1p-24f;
      return sign == 0 ? small : -small;
    }
    int rebiased = exponent == 0x1F ? 0xFF : exponent + 112;
    return Float.intBitsToFloat(sign | rebiased << 23 | fraction << 13);
  }
}
