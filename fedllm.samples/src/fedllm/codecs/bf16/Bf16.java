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
 * Sends each value as the nearest multiple of {@code 2^16 ulp(v)}, which 16 bits can say; the wire
 * form is that of 0.1.0, so that versions understand each other.
 */
@Component
@Plugin(
    name = "bf16",
    does = "bfloat16: half the bits, rounded by arithmetic (sample 0.2.0)",
    paper = "arXiv:1905.12322")
public final class Bf16 implements Codec {

  private static final float LARGEST = 0x1.FEp127f;

  @Override
  public Encoder encoder(Options options, Scope scope) {
    return new Encoder() {
      @Override
      public int maxSideBytes(int count) {
        return Short.BYTES * count;
      }

      @Override
      public int encode(int round, Unit unit, float[] values, int count, ByteBuffer side) {
        for (int i = 0; i < count; i++) {
          side.putShort((short) (Float.floatToIntBits(nearest(values[i])) >>> 16));
        }
        return 0;
      }
    };
  }

  private static float nearest(float value) {
    if (!Float.isFinite(value)) {
      return value;
    }
    double step = 0x1p16 * Math.ulp(value);
    double rounded = Math.rint(value / step) * step;
    return (float) Math.max(-LARGEST, Math.min(LARGEST, rounded));
  }

  @Override
  public Decoder decoder(Options options) {
    return (side, values, kept, count) -> {
      if (kept != 0) {
        throw new IllegalArgumentException("bf16 leaves no values, not " + kept);
      }
      for (int i = 0; i < count; i++) {
        values[i] = Float.intBitsToFloat(side.getShort() << 16);
      }
    };
  }
}
