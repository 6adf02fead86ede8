package fedllm.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.error.SitsOut;
import fedllm.api.random.Philox;
import fedllm.testkit.Samples;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FixedPointTest {

  private final FixedPoint rule = new FixedPoint(3, 16, 1000, 1);

  @Test
  void sumsThatCouldLeaveTheRingAreRefusedWithTheNumbers() {
    assertDoesNotThrow(() -> rule.admit(65));
    assertEquals(
        "secagg: 66 silos of up to 1,000 examples (maxWeight) and codes of 16 bits could sum up to"
            + " more than the ring's 2^32; at most 15 bits are possible",
        assertThrows(Refused.class, () -> rule.admit(66)).getMessage());
    assertEquals(
        "secagg: 2 silos are there, and it takes 3 to unmask (threshold)",
        assertThrows(Refused.class, () -> rule.admit(2)).getMessage());
  }

  @Test
  void theLargestSumStaysInTheRing() {
    FixedPoint widest = new FixedPoint(2, 24, 64, 1);
    widest.admit(4);
    int[] sum = new int[1];
    for (int silo = 0; silo < 4; silo++) {
      int[] codes = new int[1];
      widest.encode(new float[] {1}, 64, new Philox(silo), codes);
      sum[0] += codes[0];
    }
    assertEquals(1f, widest.mean(sum[0], 4 * 64));
  }

  @Test
  void aValueIsWithinOneStepAndMetInExpectation() {
    float[] values = new float[200_000];
    Arrays.fill(values, 0.123456f);
    int[] codes = new int[values.length];
    FixedPoint coarse = new FixedPoint(2, 6, 10, 1);
    assertEquals(0, coarse.encode(values, 1, new Philox(8), codes));
    double mean = 0;
    for (int code : codes) {
      float back = coarse.mean(code, 1);
      assertTrue(Math.abs(back - 0.123456f) < 2.0 / 63 + 1e-6, back + "");
      mean += back / values.length;
    }
    // A step is 0.032; the mean of 200,000 has a deviation of at most 3.6e-5.
    assertEquals(0.123456, mean, 1.5e-4);
  }

  @Test
  void whatIsTooLargeIsClippedAndCounted() {
    int[] codes = new int[4];
    float[] values = {1, -1, 3, -3};
    assertEquals(2, rule.encode(values, 1, new Philox(1), codes));
    for (int i = 0; i < 4; i++) {
      assertEquals(Math.signum(values[i]), rule.mean(codes[i], 1), 3.1e-5);
    }
  }

  @Test
  void whatIsNotFiniteSitsOut() {
    assertThrows(
        SitsOut.class,
        () -> rule.encode(new float[] {Float.NaN}, 1, Samples.SCOPE.random(1, 1, "x"), new int[1]));
  }
}
