package fedllm.strategies.rows;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.testkit.Samples;
import org.junit.jupiter.api.Test;

class DistancesTest {

  private static double exact(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      double d = (double) a[i] - b[i];
      sum += d * d;
    }
    return sum;
  }

  @Test
  void agreesWithSumsOfDoublesForFewMembersAndForMany() {
    for (int members : new int[] {1, 2, 5, 70}) {
      float[][][] units = new float[3][members][];
      int[] lengths = {1, 2500, 1024};
      Distances distances = new Distances(members);
      for (int u = 0; u < 3; u++) {
        for (int i = 0; i < members; i++) {
          units[u][i] = Samples.normal(lengths[u] + 3, 100L * u + i);
        }
        distances.add(units[u], lengths[u]);
      }
      for (int i = 0; i < members; i++) {
        for (int j = 0; j < members; j++) {
          double expected = 0;
          for (int u = 0; u < 3; u++) {
            expected += exact(head(units[u][i], lengths[u]), head(units[u][j], lengths[u]));
          }
          assertEquals(expected, distances.squared(i, j), 1e-6 * expected);
        }
      }
    }
  }

  private static float[] head(float[] values, int length) {
    return java.util.Arrays.copyOf(values, length);
  }

  @Test
  void tellsUpdatesApartThatDifferInTheirLastBits() {
    float[] one = Samples.normal(1000, 1);
    float[] other = one.clone();
    other[999] = Math.nextUp(other[999]);
    Distances distances = new Distances(3);
    distances.add(new float[][] {one, other, one}, 1000);
    assertEquals(0, distances.squared(0, 2));
    double difference = (double) other[999] - one[999];
    assertEquals(difference * difference, distances.squared(0, 1), 1e-6 * difference * difference);
  }
}
