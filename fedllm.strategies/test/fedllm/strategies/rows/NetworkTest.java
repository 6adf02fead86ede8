package fedllm.strategies.rows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.testkit.Samples;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkTest {

  private static float[] middle(List<Network.Step> steps, float[] values, int trim) {
    float[] rows = values.clone();
    for (Network.Step step : steps) {
      float a = rows[step.smaller()];
      float b = rows[step.larger()];
      // What nobody reads is spoilt.
      rows[step.smaller()] = step.keepsSmaller() ? Math.min(a, b) : Float.NaN;
      rows[step.larger()] = step.keepsLarger() ? Math.max(a, b) : Float.NaN;
    }
    float[] middle = Arrays.copyOfRange(rows, trim, rows.length - trim);
    Arrays.sort(middle);
    return middle;
  }

  @Test
  void leavesTheMiddleOfAllZerosAndOnesAndSoOfAllNumbers() {
    for (int n = 1; n <= 12; n++) {
      for (int trim = 0; trim <= (n - 1) / 2; trim++) {
        List<Network.Step> steps = Network.of(n, trim);
        for (int bits = 0; bits < 1 << n; bits++) {
          float[] values = new float[n];
          for (int i = 0; i < n; i++) {
            values[i] = bits >>> i & 1;
          }
          float[] sorted = values.clone();
          Arrays.sort(sorted);
          assertArrayEquals(
              Arrays.copyOfRange(sorted, trim, n - trim), middle(steps, values, trim), "" + n);
        }
      }
    }
  }

  @Test
  void leavesTheMiddleOfManyRows() {
    for (int n : new int[] {31, 32, 33, 100, 257}) {
      for (int trim : new int[] {0, 1, n / 5, (n - 1) / 2}) {
        float[] values = Samples.normal(n, n + trim);
        float[] sorted = values.clone();
        Arrays.sort(sorted);
        assertArrayEquals(
            Arrays.copyOfRange(sorted, trim, n - trim),
            middle(Network.of(n, trim), values, trim),
            n + " " + trim);
      }
    }
  }

  @Test
  void leavesOutWhatNobodyReads() {
    assertEquals(List.of(), Network.of(8, 0));
    long halves =
        Network.of(8, 3).stream().filter(s -> !s.keepsSmaller() || !s.keepsLarger()).count();
    assertEquals(6, halves);
    assertEquals(16, Network.of(8, 3).size()); // Batcher's has 19
  }
}
