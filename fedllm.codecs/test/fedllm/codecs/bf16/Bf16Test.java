package fedllm.codecs.bf16;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.codec.Codec;
import fedllm.testkit.CodecContract;
import fedllm.testkit.Samples;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class Bf16Test implements CodecContract {

  @Override
  public Codec codec() {
    return new Bf16();
  }

  @Test
  void roundsToNearestAndTiesToEven() {
    float ulp = 0x1p-7f;
    float[] values = {1, 1 + ulp / 2, 1 + 3 * ulp / 2, 1 + ulp * 0.501f, -1 - ulp / 2, -0f};
    assertArrayEquals(new float[] {1, 1, 1 + 2 * ulp, 1 + ulp, -1, -0f}, through(values));
  }

  @Test
  void keepsWhatItCanSayExactly() {
    float[] once = through(Samples.normal(1000, 9));
    assertArrayEquals(once, through(once));
  }

  @Test
  void tooLargeBecomesTheLargestAndNoNumberStaysNone() {
    float[] back =
        through(
            new float[] {
              Float.MAX_VALUE,
              -Float.MAX_VALUE,
              Float.NaN,
              Float.intBitsToFloat(0x7F800001),
              Float.NEGATIVE_INFINITY
            });
    assertEquals(0x1.FEp127f, back[0]);
    assertEquals(-0x1.FEp127f, back[1]);
    assertEquals(Float.NaN, back[2]);
    assertEquals(Float.NaN, back[3]);
    assertEquals(Float.NEGATIVE_INFINITY, back[4]);
  }

  @Property(tries = 200)
  void isWithinOnePartIn256(@ForAll @Size(min = 1, max = 300) float[] values) {
    float[] back = through(values);
    for (int i = 0; i < values.length; i++) {
      double error = Math.abs((double) back[i] - values[i]);
      assertTrue(
          error <= Math.abs(values[i]) * 0x1p-8 + Float.MIN_NORMAL, values[i] + " " + back[i]);
    }
  }
}
