package fedllm.strategies.rows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.tensor.Block;
import fedllm.testkit.Samples;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class MiddleTest {

  private static float[] middle(int trim, float[]... rows) {
    Block out = new Block();
    out.reset(rows[0].length);
    new Middle(rows.length, trim).addTo(out, rows);
    float[] values = new float[rows[0].length];
    out.copyTo(values);
    return values;
  }

  @Test
  void agreesWithSortingEachColumnForAnyNumberOfRows() {
    for (int n : new int[] {1, 2, 3, 8, 9, 33}) {
      for (int trim : new int[] {0, (n - 1) / 4, (n - 1) / 2}) {
        float[][] rows = new float[n][];
        for (int i = 0; i < n; i++) {
          rows[i] = Samples.normal(3001, 50L * n + i);
        }
        float[][] before = Arrays.stream(rows).map(float[]::clone).toArray(float[][]::new);
        float[] found = middle(trim, rows);
        assertArrayEquals(before, rows, "the rows were changed");
        for (int c = 0; c < 3001; c++) {
          double[] column = new double[n];
          for (int i = 0; i < n; i++) {
            column[i] = rows[i][c];
          }
          Arrays.sort(column);
          double mean = Arrays.stream(column, trim, n - trim).average().orElseThrow();
          assertEquals((float) mean, found[c], Math.ulp((float) mean), n + " " + trim);
        }
      }
    }
  }

  @Test
  void endsWithWhatIsNoNumberAndTellsZerosApart() {
    float[] found =
        middle(
            1,
            new float[] {Float.NaN, -0f, 1},
            new float[] {1, 0f, Float.POSITIVE_INFINITY},
            new float[] {2, -0f, Float.NEGATIVE_INFINITY});
    assertEquals(0, found[1]);
    assertEquals(1, found[2]);
  }
}
