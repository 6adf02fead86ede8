package fedllm.codecs.bf16;

import fedllm.api.codec.Codec;
import fedllm.api.codec.Decoder;
import fedllm.api.codec.Encoder;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Unit;
import java.nio.ByteBuffer;
import org.osgi.service.component.annotations.Component;

/**
 * Sends the upper half of each float, rounded to nearest even: a relative error of at most 2^-8.
 *
 * <p>Wire form: 16 bits a value. A finite value stays finite; what is too large becomes the
 * largest.
 */
@Component
@Plugin(name = "bf16", does = "bfloat16: half the bits", paper = "arXiv:1905.12322")
public final class Bf16 implements Codec {

  private static final int ABS = 0x7FFF_FFFF;
  private static final int INFINITY = 0x7F80_0000;
  private static final int QUIET = 0x0040_0000;
  private static final int LARGEST = 0x7F7F_0000;

  @Override
  public Encoder encoder(Options options, Scope scope) {
    return new Encoder() {
      @Override
      public int maxSideBytes(int count) {
        return 2 * count;
      }

      @Override
      public int encode(int round, Unit unit, float[] values, int count, ByteBuffer side) {
        int at = side.position();
        for (int i = 0; i < count; i++) {
          side.putShort(at + 2 * i, (short) (nearest(values[i]) >>> 16));
        }
        side.position(at + 2 * count);
        return 0;
      }
    };
  }

  @Override
  public Decoder decoder(Options options) {
    return (side, values, kept, count) -> {
      if (kept != 0) {
        throw new IllegalArgumentException("bf16 leaves no values, not " + kept);
      }
      int at = side.position();
      for (int i = 0; i < count; i++) {
        values[i] = Float.intBitsToFloat(side.getShort(at + 2 * i) << 16);
      }
      side.position(at + 2 * count);
    };
  }

  private static int nearest(float value) {
    int bits = Float.floatToRawIntBits(value);
    if ((bits & ABS) >= INFINITY) {
      return Float.isNaN(value) ? bits | QUIET : bits; // Cut off, a NaN can become infinite.
    }
    int rounded = bits + 0x7FFF + (bits >>> 16 & 1);
    return (rounded & ABS) >= INFINITY ? LARGEST | (bits & ~ABS) : rounded;
  }
}
