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

  /** Writes {@code count} elements of F32, or of F16 or BF16 rounded to nearest, ties to even. */
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
      case F16 -> {
        ShortBuffer shorts = bytes.asShortBuffer();
        for (int i = 0; i < count; i++) {
          shorts.put(i, half(values[at + i]));
        }
      }
      default -> throw new IllegalArgumentException(dtype + " is not written");
    }
    out.position(out.position() + count * dtype.bytes());
  }

  /** The nearest bfloat16, ties to even; what is not a number stays so, with what it carries. */
  static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits & 0x7F_0000) == 0 ? bits >>> 16 | 0x40 : bits >>> 16);
    }
    return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
  }

  /**
   * The nearest IEEE binary16, ties to even, from 65,520 on infinite; what is not a number stays
   * so, with what it carries.
   */
  static short half(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    int magnitude = bits & 0x7FFF_FFFF;
    if (Float.isNaN(value)) {
      int fraction = magnitude >>> 13 & 0x3FF;
      return (short) (sign | 0x7C00 | (fraction == 0 ? 0x200 : fraction));
    }
    if (magnitude >= 0x4780_0000) { // 2^16
      return (short) (sign | 0x7C00);
    }
    if (magnitude < 0x3880_0000) { // 2^-14: the step of half a unit is that of a subnormal half
      int steps = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f) - 0x3F00_0000;
      return (short) (sign | steps);
    }
    int rounded = magnitude + 0xFFF + (magnitude >>> 13 & 1) - (112 << 23);
    return (short) (sign | rounded >>> 13);
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
