package fedllm.learning.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class Nf4Test {

  private static final float[] CODEBOOK = Nf4.codebook();

  /** Half the distance from -1 to the next code, the widest. */
  private static final double WIDEST_HALF = (CODEBOOK[1] + 1) / 2.0;

  /** What a tensor became. */
  private record Coded(byte[] codes, Absmax absmax, int count) {

    float[] values() {
      float[] out = new float[count];
      Nf4.decode(ByteBuffer.wrap(codes), absmax, 0, out, 0, count);
      return out;
    }
  }

  @Test
  void hasTheSixteenPublishedValues() {
    double[] published = {
      -1.0,
      -0.6961928009986877,
      -0.5250730514526367,
      -0.39491748809814453,
      -0.28444138169288635,
      -0.18477343022823334,
      -0.09105003625154495,
      0.0,
      0.07958029955625534,
      0.16093020141124725,
      0.24611230194568634,
      0.33791524171829224,
      0.44070982933044434,
      0.5626170039176941,
      0.7229568362236023,
      1.0
    };
    for (int i = 0; i < 16; i++) {
      assertEquals((float) published[i], CODEBOOK[i]);
    }
  }

  /**
   * The paper's appendix E: evenly spaced quantiles of a normal distribution, 8 above zero and 7
   * below, and zero itself, each side divided by the largest. The outermost probability is that of
   * the authors' code, the mean of 1 - 1/30 and 1 - 1/32 cut to seven digits.
   */
  @Test
  void hasTheQuantilesOfANormalDistribution() {
    double[] derived = new double[16];
    double largest = quantile(0.9677083);
    for (int i = 0; i < 8; i++) {
      derived[15 - i] = quantile(0.9677083 + (0.5 - 0.9677083) * i / 8) / largest;
    }
    for (int i = 0; i < 7; i++) {
      derived[i] = -quantile(0.9677083 + (0.5 - 0.9677083) * i / 7) / largest;
    }
    for (int i = 0; i < 16; i++) {
      assertEquals(derived[i], CODEBOOK[i], 2e-7, "code " + i);
    }
  }

  /** By halving, over the series of the distribution function. */
  private static double quantile(double probability) {
    double low = 0;
    double high = 4;
    for (int i = 0; i < 60; i++) {
      double middle = (low + high) / 2;
      if (normal(middle) < probability) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private static double normal(double x) {
    double term = x;
    double sum = x;
    for (int k = 1; k < 100; k++) {
      term *= x * x / (2 * k + 1);
      sum += term;
    }
    return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  @Test
  void takesTheNearestCodeWhereverAValueLies() {
    for (int i = -2_000_000; i <= 2_000_000; i++) {
      isNearest(i / 2_000_000f);
    }
    for (int i = 0; i < 15; i++) {
      float middle = (float) (((double) CODEBOOK[i] + CODEBOOK[i + 1]) / 2);
      assertEquals(i, Nf4.code(middle), "of two equally near the lower");
      assertEquals(i + 1, Nf4.code(Math.nextUp(middle)));
    }
    for (int cell = -32; cell <= 32; cell++) {
      float edge = cell / 32f;
      isNearest(edge);
      isNearest(Math.max(-1, Math.nextDown(edge)));
      isNearest(Math.min(1, Math.nextUp(edge)));
    }
    for (int i = 0; i < 16; i++) {
      assertEquals(i, Nf4.code(CODEBOOK[i]));
    }
  }

  private static void isNearest(float value) {
    double distance = Math.abs((double) value - CODEBOOK[Nf4.code(value)]);
    for (float code : CODEBOOK) {
      if (Math.abs((double) value - code) < distance - 1e-7) {
        throw new AssertionError(value + " is nearer to " + code);
      }
    }
  }

  @Property(tries = 300)
  void isWithinHalfTheWidestGapAndTheErrorOfItsBlocksMagnitude(
      @ForAll @Size(min = 1, max = 300) float[] values,
      @ForAll @IntRange(min = 1, max = 200) int together) {
    Coded coded = encode(values, together);
    float[] back = coded.values();
    for (int from = 0; from < values.length; from += Nf4.BLOCK) {
      int block = from / Nf4.BLOCK;
      int to = Math.min(values.length, from + Nf4.BLOCK);
      double largest = 0;
      for (int i = from; i < to; i++) {
        largest = Math.max(largest, Math.abs((double) values[i]));
      }
      double off = Math.abs(coded.absmax.get(block) - largest);
      double allowed = (WIDEST_HALF * largest + off) * (1 + 1e-6) + 2 * Float.MIN_VALUE;
      for (int i = from; i < to; i++) {
        assertTrue(Math.abs((double) back[i] - values[i]) <= allowed, values[i] + " " + back[i]);
        assertTrue(values[i] != 0 || back[i] == 0, "a zero became " + back[i]);
        assertTrue(back[i] == 0 || back[i] > 0 == values[i] > 0, "a sign turned");
      }
    }
  }

  @Property(tries = 300)
  void aBlocksMagnitudeIsWithinHalfAStepAndAboveZero(
      @ForAll @Size(min = 1, max = 600) float[] some) {
    float[] magnitudes = some.clone();
    for (int i = 0; i < magnitudes.length; i++) {
      magnitudes[i] = Math.abs(magnitudes[i]);
    }
    Absmax absmax = Absmax.of(magnitudes);
    for (int i = 0; i < magnitudes.length; i++) {
      float step = absmax.steps()[i / Absmax.GROUP];
      double rounding = absmax.mean() * 0x1p-22 + 127 * Float.MIN_VALUE;
      double off = Math.abs((double) absmax.get(i) - magnitudes[i]);
      boolean atTheEnd =
          magnitudes[i] <= step / 2 + rounding || magnitudes[i] > Float.MAX_VALUE - step;
      double allowed = (atTheEnd ? 1 : 0.5) * step * (1 + 1e-5) + rounding;
      assertTrue(off <= allowed, off + " with steps of " + step);
      assertTrue(absmax.get(i) > 0 || magnitudes[i] < Float.MIN_NORMAL);
      assertTrue(Float.isFinite(absmax.get(i)));
    }
  }

  @Property(tries = 300)
  void whatWasReadBackHasTheSameCodesAgain(@ForAll @Size(min = 1, max = 300) float[] values) {
    float[] normal = values.clone();
    for (int i = 0; i < normal.length; i++) {
      normal[i] = Math.abs(normal[i]) < 1e-30f ? 0 : Math.max(-1e30f, Math.min(1e30f, normal[i]));
    }
    Coded first = encode(normal, 64);
    assertArrayEquals(first.codes, encode(first.values(), 64).codes);
  }

  @Property(tries = 100)
  void itDoesNotMatterHowTheValuesCome(
      @ForAll @Size(min = 1, max = 300) float[] values,
      @ForAll @IntRange(min = 1, max = 300) int together) {
    Coded whole = encode(values, values.length);
    Coded pieces = encode(values, together);
    assertArrayEquals(whole.codes, pieces.codes);
    assertArrayEquals(whole.absmax.codes(), pieces.absmax.codes());
    assertArrayEquals(whole.absmax.steps(), pieces.absmax.steps());
  }

  @Test
  void packsTheFirstOfTwoCodesHigh() {
    float[] values = {-1, 1, 0};
    assertArrayEquals(new byte[] {0x0F, 0x77}, encode(values, 3).codes);
  }

  @Test
  void blocksOfZerosStayZeroBesideOthers() {
    float[] values = new float[300];
    Arrays.fill(values, 128, 192, -3);
    assertArrayEquals(values, encode(values, 300).values(), 0.03f);
    assertArrayEquals(new float[128], Arrays.copyOf(encode(values, 300).values(), 128));
    assertArrayEquals(new float[77], encode(new float[77], 10).values());
  }

  /** What the 16 values are for: 4 bits in even steps are farther from normal numbers. */
  @Test
  void isCloserToNormalNumbersThanEvenSteps() {
    float[] values = new float[1 << 16];
    new Philox(7).addNormals(0, 0.02f, values, values.length);
    float[] back = encode(values, values.length).values();
    double error = 0;
    double even = 0;
    double energy = 0;
    for (int from = 0; from < values.length; from += Nf4.BLOCK) {
      double largest = 0;
      for (int i = from; i < from + Nf4.BLOCK; i++) {
        largest = Math.max(largest, Math.abs(values[i]));
      }
      for (int i = from; i < from + Nf4.BLOCK; i++) {
        double step = largest / 7;
        error += Math.pow(back[i] - values[i], 2);
        even += Math.pow(Math.rint(values[i] / step) * step - values[i], 2);
        energy += Math.pow(values[i], 2);
      }
    }
    assertTrue(error < 0.85 * even, error / energy + " and " + even / energy);
    assertEquals(0.0085, error / energy, 0.0015);
  }

  @Test
  void refusesWhatIsNotFiniteByTensorAndPlace() {
    float[] values = new float[200];
    values[130] = Float.NaN;
    SitsOut out = assertThrows(SitsOut.class, () -> encode(values, 7));
    assertTrue(out.getMessage().startsWith("m.w[200] is NaN at value 130"), out.getMessage());
  }

  @Test
  void refusesTooFewBytesTooManyValuesAndTooFew() {
    Tensor tensor = new Tensor("m", "w", List.of(5L));
    assertThrows(IllegalArgumentException.class, () -> new Nf4(tensor, ByteBuffer.allocate(2)));
    Nf4 nf4 = new Nf4(tensor, ByteBuffer.allocate(3));
    assertThrows(IllegalArgumentException.class, () -> nf4.add(new float[9], 0, 6));
    nf4.add(new float[9], 0, 4);
    assertThrows(IllegalArgumentException.class, () -> nf4.add(new float[9], 0, 2));
    assertThrows(IllegalStateException.class, nf4::finish);
  }

  private static Coded encode(float[] values, int together) {
    Tensor tensor = new Tensor("m", "w", List.of((long) values.length));
    ByteBuffer codes = ByteBuffer.allocate(Nf4.bytes(values.length));
    Nf4 nf4 = new Nf4(tensor, codes);
    for (int at = 0; at < values.length; at += together) {
      nf4.add(values, at, Math.min(together, values.length - at));
    }
    return new Coded(codes.array(), nf4.finish(), values.length);
  }
}
