package fedllm.codecs.int8;

import fedllm.api.codec.Codec;
import fedllm.api.codec.Decoder;
import fedllm.api.codec.Encoder;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Unit;
import java.nio.ByteBuffer;
import org.osgi.service.component.annotations.Component;

/**
 * Sends each value as one of 255 steps of its block: {@code q = round(v / s)} with {@code s =
 * max|v| / 127}, an error of at most {@code s / 2}.
 *
 * <p>Wire form, for each block: {@code s} as a float, then a signed byte a value.
 */
@Component
@Plugin(
    name = "int8",
    does = "one byte a value, one scale a block",
    paper = "arXiv:2110.02861",
    options = Int8.Config.class)
public final class Int8 implements Codec {

  /** Options. */
  public @interface Config {
    /** Values that share a scale. */
    @Range(min = 8, max = 4096)
    int block() default 64;

    /** Whether rounding is drawn by lot, so that the expectation is the value itself. */
    boolean stochastic() default false;
  }

  private static final int STEPS = 127;

  /** Added to a small float, it leaves the nearest integer, ties to even, in the lowest bits. */
  private static final float ROUND = 0x1.8p23f;

  @Override
  public Encoder encoder(Options options, Scope scope) {
    Config config = options.as(Config.class);
    return config.stochastic()
        ? new Stochastic(config.block(), scope)
        : new Nearest(config.block());
  }

  @Override
  public Decoder decoder(Options options) {
    int block = options.as(Config.class).block();
    byte[] steps = new byte[block];
    return (side, values, kept, count) -> {
      if (kept != 0) {
        throw new IllegalArgumentException("int8 leaves no values, not " + kept);
      }
      for (int from = 0; from < count; from += block) {
        int n = Math.min(block, count - from);
        float scale = side.getFloat();
        side.get(steps, 0, n);
        for (int i = 0; i < n; i++) {
          values[from + i] = steps[i] * scale;
        }
      }
    };
  }

  private static int bytes(int count, int block) {
    return count + 4 * ((count + block - 1) / block);
  }

  /** Rounded up where that stays finite, so that no value is more than 127 steps. */
  private static float scale(float[] values, int from, int n) {
    int largest = 0;
    for (int i = from; i < from + n; i++) {
      largest = Math.max(largest, Float.floatToRawIntBits(values[i]) & 0x7FFF_FFFF);
    }
    float max = Float.intBitsToFloat(largest);
    float scale = max / STEPS;
    if (scale * STEPS < max) {
      scale = Math.nextUp(scale);
    }
    boolean overflows = Float.isInfinite(scale * STEPS) && Float.isFinite(max);
    return overflows ? Math.nextDown(scale) : scale;
  }

  private static final class Nearest implements Encoder {
    private final int block;
    private final byte[] steps;

    Nearest(int block) {
      this.block = block;
      steps = new byte[block];
    }

    @Override
    public int maxSideBytes(int count) {
      return bytes(count, block);
    }

    @Override
    public int encode(int round, Unit unit, float[] values, int count, ByteBuffer side) {
      for (int from = 0; from < count; from += block) {
        int n = Math.min(block, count - from);
        float scale = scale(values, from, n);
        side.putFloat(scale);
        float divisor = scale == 0 ? 1 : scale;
        for (int i = 0; i < n; i++) {
          steps[i] = (byte) Float.floatToRawIntBits(values[from + i] / divisor + ROUND);
        }
        side.put(steps, 0, n);
      }
      return 0;
    }
  }

  private static final class Stochastic implements Encoder {
    private final int block;
    private final Scope scope;
    private final float[] lots;

    Stochastic(int block, Scope scope) {
      this.block = block;
      this.scope = scope;
      lots = new float[block];
    }

    @Override
    public int maxSideBytes(int count) {
      return bytes(count, block);
    }

    @Override
    public int encode(int round, Unit unit, float[] values, int count, ByteBuffer side) {
      var random = scope.random(round, 0, "int8/" + unit.tensor().name());
      for (int from = 0; from < count; from += block) {
        int n = Math.min(block, count - from);
        float scale = scale(values, from, n);
        side.putFloat(scale);
        float divisor = scale == 0 ? 1 : scale;
        random.uniforms(unit.offset() + from, lots, n);
        for (int i = 0; i < n; i++) {
          side.put((byte) (int) Math.floor(values[from + i] / divisor + lots[i]));
        }
      }
      return 0;
    }
  }
}
