package fedllm.strategies.geometricmedian;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.plugin.Options;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.strategies.Folding;
import fedllm.testkit.AggregationContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GeometricMedianTest implements AggregationContract {

  @Override
  public AggregationStrategy strategy() {
    return new GeometricMedian();
  }

  private static Options iterations(int count) {
    return TestOptions.of(GeometricMedian.Config.class, Map.of("iterations", count));
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
    }
    return Math.sqrt(sum);
  }

  @Test
  void isTheWeightedMedianInOneDimension() {
    float[][] updates = {{10}, {0}, {1}, {7}};
    assertEquals(
        1, Folding.of(strategy(), iterations(3000), new long[] {1, 2, 3, 1}, updates)[0], 1e-3);
    assertEquals(
        7, Folding.of(strategy(), iterations(3000), new long[] {3, 2, 1, 5}, updates)[0], 1e-3);
  }

  @Test
  void comesNearerWithEachStep() {
    float[][] updates = new float[6][];
    long[] examples = {3, 1, 4, 1, 5, 9};
    for (int i = 0; i < updates.length; i++) {
      updates[i] = Samples.normal(1500, i);
      for (int k = 0; k < updates[i].length; k++) {
        updates[i][k] *= 1 + 3 * i;
      }
    }
    double before = Double.MAX_VALUE;
    for (int count = 1; count < 8; count++) {
      float[] found = Folding.of(strategy(), iterations(count), examples, updates);
      double objective = 0;
      for (int i = 0; i < updates.length; i++) {
        objective += examples[i] * distance(found, updates[i]);
      }
      assertTrue(objective <= before * (1 + 1e-9), objective + " after " + before);
      before = objective;
    }
  }

  @Test
  void agreesWithWeiszfeldOverTheUpdatesThemselves() {
    float[][] updates = new float[5][];
    for (int i = 0; i < updates.length; i++) {
      updates[i] = Samples.normal(1500, 20 + i);
      updates[i][i] = 100;
    }
    double[] v = new double[1500];
    double[] weights = {0.2, 0.2, 0.2, 0.2, 0.2};
    for (int step = 0; step <= 3; step++) {
      java.util.Arrays.fill(v, 0);
      double sum = java.util.Arrays.stream(weights).sum();
      for (int i = 0; i < 5; i++) {
        for (int k = 0; k < v.length; k++) {
          v[k] += weights[i] / sum * updates[i][k];
        }
      }
      for (int i = 0; i < 5; i++) {
        double squares = 0;
        for (int k = 0; k < v.length; k++) {
          squares += (v[k] - updates[i][k]) * (v[k] - updates[i][k]);
        }
        weights[i] = 0.2 / Math.sqrt(squares);
      }
    }
    float[] found = Folding.of(strategy(), TestOptions.none(), updates);
    for (int k = 0; k < v.length; k++) {
      assertEquals(v[k], found[k], 1e-5);
    }
  }

  @Test
  void followsNobodyWhoIsInfinitelyFar() {
    float[] far = new float[1500];
    java.util.Arrays.fill(far, 3e38f);
    float[] a = Samples.normal(1500, 1);
    float[] b = Samples.normal(1500, 2);
    float[] c = Samples.normal(1500, 3);
    assertArrayEquals(
        Folding.of(strategy(), TestOptions.none(), a, b, c),
        Folding.of(strategy(), TestOptions.none(), far, a, b, far, c),
        1e-6f);
  }
}
