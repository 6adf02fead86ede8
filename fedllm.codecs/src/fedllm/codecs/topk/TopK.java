package fedllm.codecs.topk;

import fedllm.api.codec.Codec;
import fedllm.api.codec.Decoder;
import fedllm.api.codec.Encoder;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Unit;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.osgi.service.component.annotations.Component;

/**
 * Sends the values of largest magnitude and drops the rest; of equal ones the first.
 *
 * <p>Wire form: for each kept value, in order, how many were dropped before it since the last one,
 * seven bits a byte, low ones first. The kept values themselves are left to the next link.
 */
@Component
@Plugin(
    name = "topk",
    does = "the values of largest magnitude, the rest is dropped",
    paper = "arXiv:1704.05021",
    options = TopK.Config.class)
public final class TopK implements Codec {

  /** Options. */
  public @interface Config {
    /** Share of each block's values to send, above 0 and at most 1; never less than one value. */
    @Range(above = 0, max = 1)
    double share() default 0.01;
  }

  @Override
  public Encoder encoder(Options options, Scope scope) {
    double share = options.as(Config.class).share();
    Magnitudes magnitudes = new Magnitudes();
    return new Encoder() {
      @Override
      public int maxSideBytes(int count) {
        // At most count/128 gaps need a second byte, count/128^2 a third, ...
        return kept(share, count) + count / 64;
      }

      @Override
      public int encode(int round, Unit unit, float[] values, int count, ByteBuffer side) {
        int kept = kept(share, count);
        if (kept > 0) {
          keepLargest(magnitudes, values, count, kept, side);
        }
        return kept;
      }
    };
  }

  @Override
  public Decoder decoder(Options options) {
    double share = options.as(Config.class).share();
    return (side, values, kept, count) -> {
      if (kept != kept(share, count)) {
        throw new IllegalArgumentException(
            "topk keeps " + kept(share, count) + " of " + count + " values, not " + kept);
      }
      float[] sent = Arrays.copyOf(values, kept);
      Arrays.fill(values, 0, count, 0);
      int next = 0;
      for (float value : sent) {
        next += readGap(side);
        if (next < 0 || next >= count) {
          throw new IllegalArgumentException("topk: a position is beyond " + count + " values");
        }
        values[next++] = value;
      }
    };
  }

  private static int kept(double share, int count) {
    return (int) Math.min(count, Math.max(1, Math.round(share * count)));
  }

  private static void keepLargest(
      Magnitudes magnitudes, float[] values, int count, int kept, ByteBuffer side) {
    int threshold = magnitudes.largest(values, count, kept);
    int ties = kept - magnitudes.above();
    int next = 0;
    int gap = 0;
    for (int i = 0; i < count; i++) {
      int magnitude = Magnitudes.of(values[i]);
      if (magnitude > threshold || magnitude == threshold && ties-- > 0) {
        values[next++] = values[i];
        writeGap(gap, side);
        gap = 0;
      } else {
        gap++;
      }
    }
  }

  private static void writeGap(int gap, ByteBuffer side) {
    int left = gap;
    while (left > 0x7F) {
      side.put((byte) (left | 0x80));
      left >>>= 7;
    }
    side.put((byte) left);
  }

  private static int readGap(ByteBuffer side) {
    int gap = 0;
    for (int shift = 0; shift < 28; shift += 7) {
      byte next = side.get();
      gap |= (next & 0x7F) << shift;
      if (next >= 0) {
        return gap;
      }
    }
    throw new IllegalArgumentException("topk: a gap has more than four bytes");
  }
}
