package fedllm.codecs.integers;

import fedllm.api.codec.Codec;
import fedllm.api.codec.Decoder;
import fedllm.api.codec.Encoder;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Trait;
import fedllm.api.tensor.Unit;
import java.nio.ByteBuffer;
import org.osgi.service.component.annotations.Component;

/**
 * Sends whole numbers below 2^24, which are what keys, shares and ring elements travel as, in as
 * many bytes as the largest of a block needs; blocks with other values stay as they are.
 *
 * <p>Wire form: the bytes of a value, 1 to 3, or 0 where all values are left to the next link; then
 * the values, little-endian.
 */
@Component
@Plugin(
    name = "integers",
    does = "whole numbers in as few bytes as they need, other values as they are",
    is = Trait.LOSSLESS)
public final class Integers implements Codec {

  private static final int MOST = 3;

  @Override
  public Encoder encoder(Options options, Scope scope) {
    return new Encoder() {
      @Override
      public int maxSideBytes(int count) {
        return 1 + MOST * count;
      }

      @Override
      public int encode(int round, Unit unit, float[] values, int count, ByteBuffer side) {
        int width = width(values, count);
        side.put((byte) width);
        for (int i = 0; i < count && width > 0; i++) {
          int number = (int) values[i];
          for (int b = 0; b < width; b++) {
            side.put((byte) (number >>> 8 * b));
          }
        }
        return width == 0 ? count : 0;
      }
    };
  }

  /** The bytes that each value of a block needs; 0 where one is no such number. */
  private static int width(float[] values, int count) {
    int all = 1;
    for (int i = 0; i < count; i++) {
      int number = (int) values[i];
      // By its bits, or -0 would pass for 0.
      if (Float.floatToRawIntBits(number) != Float.floatToRawIntBits(values[i])
          || number >>> 8 * MOST != 0) {
        return 0;
      }
      all |= number;
    }
    return (Integer.SIZE - Integer.numberOfLeadingZeros(all) + 7) / 8;
  }

  @Override
  public Decoder decoder(Options options) {
    return (side, values, kept, count) -> {
      int width = side.get();
      if (width < 0 || width > MOST || kept != (width == 0 ? count : 0)) {
        throw new IllegalArgumentException(
            "integers: %d values of %d are left, of %d bytes each".formatted(kept, count, width));
      }
      for (int i = 0; i < count && width > 0; i++) {
        int number = 0;
        for (int b = 0; b < width; b++) {
          number |= (side.get() & 0xFF) << 8 * b;
        }
        values[i] = number;
      }
    };
  }
}
