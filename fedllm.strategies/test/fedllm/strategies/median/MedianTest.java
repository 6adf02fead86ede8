package fedllm.strategies.median;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.strategy.AggregationStrategy;
import fedllm.strategies.Folding;
import fedllm.testkit.AggregationContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import org.junit.jupiter.api.Test;

class MedianTest implements AggregationContract {

  @Override
  public AggregationStrategy strategy() {
    return new Median();
  }

  private float[] median(float[]... updates) {
    return Folding.of(strategy(), TestOptions.none(), updates);
  }

  @Test
  void takesTheMiddleOfEachCoordinateByItself() {
    assertArrayEquals(
        new float[] {2, 20}, median(new float[] {1, 30}, new float[] {2, 10}, new float[] {9, 20}));
  }

  @Test
  void takesTheMeanOfTheMiddleTwoOfAnEvenNumber() {
    assertArrayEquals(
        new float[] {2.5f},
        median(new float[] {1}, new float[] {2}, new float[] {3}, new float[] {1e30f}));
  }

  @Test
  void staysBetweenHonestValuesWhateverAMinoritySends() {
    float[] a = Samples.normal(2000, 1);
    float[] b = Samples.normal(2000, 2);
    float[] c = Samples.normal(2000, 3);
    float[] up = new float[2000];
    float[] down = new float[2000];
    java.util.Arrays.fill(up, 3e38f);
    java.util.Arrays.fill(down, -3e38f);
    for (float[][] liars : new float[][][] {{up, up}, {up, down}, {down, down}}) {
      float[] found = median(liars[0], a, b, liars[1], c);
      for (int i = 0; i < found.length; i++) {
        assertTrue(found[i] >= Math.min(a[i], Math.min(b[i], c[i])));
        assertTrue(found[i] <= Math.max(a[i], Math.max(b[i], c[i])));
      }
    }
  }

  @Test
  void doesNotDependOnTheOrderOrTheExamplesOfClients() {
    float[] a = Samples.normal(1500, 1);
    float[] b = Samples.normal(1500, 2);
    float[] c = Samples.normal(1500, 3);
    float[] d = Samples.normal(1500, 4);
    assertArrayEquals(
        median(a, b, c, d),
        Folding.of(strategy(), TestOptions.none(), new long[] {7, 1000, 1, 3}, d, b, a, c));
  }
}
