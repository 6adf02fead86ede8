package fedllm.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FloatsTest {

  /** Every finite half by its value, for the nearest to be looked up. */
  private static final TreeMap<Float, Short> HALVES = new TreeMap<>();

  static {
    for (int bits = 0; bits < 0x10000; bits++) {
      if ((bits & 0x7C00) != 0x7C00) {
        HALVES.put(Floats.halfToFloat((short) bits), (short) bits);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void everyPatternOf16BitsComesBack(Dtype dtype) {
    ByteBuffer all = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits = 0; bits < 1 << 16; bits++) {
      all.putShort((short) bits);
    }
    float[] values = new float[1 << 16];
    Floats.read(dtype, all.flip(), values, 0, values.length);
    ByteBuffer back = ByteBuffer.allocate(2 << 16);
    Floats.write(dtype, values, 0, values.length, back);
    assertEquals(all.rewind(), back.flip());
  }

  @Property(tries = 5000)
  void aHalfIsTheNearestOneTiesToEven(@ForAll float any, @ForAll short near, @ForAll byte off) {
    isNearest(any);
    // Around a half and the middle to the next, where rounding turns.
    float half = Floats.halfToFloat(near);
    if (Float.isFinite(half)) {
      float next = Floats.halfToFloat((short) (near + 1));
      isNearest(Float.intBitsToFloat(Float.floatToRawIntBits(half) + off));
      if (Float.isFinite(next)) {
        float middle = (half + next) / 2;
        isNearest(middle);
        isNearest(Math.nextUp(middle));
        isNearest(Math.nextDown(middle));
      }
    }
  }

  private static void isNearest(float value) {
    if (Float.isNaN(value)) {
      assertTrue(Float.isNaN(Floats.halfToFloat(Floats.half(value))));
      return;
    }
    short half = Floats.half(value);
    if (Math.abs(value) >= 65520) {
      assertEquals(value > 0 ? 0x7C00 : (short) 0xFC00, half);
      return;
    }
    float below = HALVES.floorKey(Math.max(value, -65504f));
    float above = HALVES.ceilingKey(Math.min(value, 65504f));
    double down = Math.abs((double) value - below);
    double up = Math.abs((double) above - value);
    boolean evenBelow = (HALVES.get(below) & 1) == 0;
    float nearest = down < up || down == up && evenBelow ? below : above;
    assertEquals(HALVES.get(nearest), half, value + " is nearest to " + nearest);
  }

  @Test
  void aNumberThatIsTooLargeIsInfiniteAndWhatIsNoNumberStaysSo() {
    assertEquals(0x7BFF, Floats.half(65519.996f));
    assertEquals(0x7C00, Floats.half(65520f));
    assertEquals((short) 0xFC00, Floats.half(Float.NEGATIVE_INFINITY));
    assertEquals(0x7E00, Floats.half(Float.intBitsToFloat(0x7F80_0001)));
    assertEquals((short) 0x8000, Floats.half(-0f));
    assertEquals(0x0001, Floats.half(0x1.8p-25f));
    assertEquals(0x0000, Floats.half(0x1p-25f));
  }
}
