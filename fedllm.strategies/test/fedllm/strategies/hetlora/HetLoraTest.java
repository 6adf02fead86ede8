package fedllm.strategies.hetlora;

import static fedllm.strategies.FoldingModules.apart;
import static fedllm.strategies.FoldingModules.lora;
import static fedllm.strategies.FoldingModules.normal;
import static fedllm.strategies.FoldingModules.product;
import static fedllm.strategies.FoldingModules.sum;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.tensor.Tensors;
import fedllm.strategies.FoldingModules;
import fedllm.testkit.AggregationContract;
import fedllm.testkit.TestOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HetLoraTest implements AggregationContract {

  @Override
  public AggregationStrategy strategy() {
    return new HetLora();
  }

  /** Shares by norm are rounded. */
  @Override
  public boolean keepsWhatAllAgreeOn() {
    return false;
  }

  private static Tensors combine(String weights, long[] examples, Tensors... updates) {
    TestOptions options = TestOptions.of(HetLora.Config.class, Map.of("weights", weights));
    return FoldingModules.of(new HetLora(), options, lora(8, 12, 10), examples, updates);
  }

  @Test
  void ofEqualRanksAndNormsIsTheMeanOfFactors() {
    Tensors one = normal(lora(8, 12, 10), 1);
    Tensors negative = one.copy();
    for (int i = 0; i < negative.values(0).length; i++) {
      negative.values(0)[i] *= -1; // as long a product
    }
    Tensors mean = combine("norm", new long[] {1, 99}, one, negative);
    for (float value : mean.values(0)) {
      assertEquals(0, value, 1e-6);
    }
    for (int i = 0; i < mean.values(1).length; i++) {
      assertEquals(one.values(1)[i], mean.values(1)[i], 1e-6);
    }
  }

  @Test
  void weighsByTheNormsOfProducts() {
    Tensors small = normal(lora(2, 12, 10), 1);
    Tensors large = normal(lora(8, 12, 10), 2);
    double norms = norm(small) + norm(large);
    Tensors mean = combine("norm", new long[] {1000, 1}, small, large);
    double expected = (norm(small) * small.values(0)[3] + norm(large) * large.values(0)[3]) / norms;
    assertEquals(expected, mean.values(0)[3], 1e-6);
    Tensors byExamples = combine("examples", new long[] {3, 1}, small, large);
    assertEquals(
        0.75 * small.values(0)[3] + 0.25 * large.values(0)[3], byExamples.values(0)[3], 1e-6);
  }

  private static double norm(Tensors factors) {
    double squares = 0;
    for (double[] row : product(factors)) {
      for (double x : row) {
        squares += x * x;
      }
    }
    return Math.sqrt(squares);
  }

  @Test
  void aClientOfLowRankAddsNothingToTheOtherRanks() {
    Tensors low = normal(lora(2, 12, 10), 1);
    Tensors alone = combine("norm", new long[] {1}, low);
    for (int r = 0; r < 8; r++) {
      for (int i = 0; i < 12; i++) {
        assertEquals(r < 2 ? low.values(0)[r * 12 + i] : 0, alone.values(0)[r * 12 + i], 1e-6);
      }
      for (int o = 0; o < 10; o++) {
        assertEquals(r < 2 ? low.values(1)[o * 2 + r] : 0, alone.values(1)[o * 8 + r], 1e-6);
      }
    }
  }

  /** What the method inherits, and FlexLoRA does not have. */
  @Test
  void isNotTheMeanOfProductsAndDilutesWhatFewKnow() {
    Tensors low = normal(lora(2, 12, 10), 1);
    Tensors high = normal(lora(8, 12, 10), 2);
    Tensors mean = combine("examples", new long[] {1, 1}, low, high);
    double[] shares = {0.5, 0.5};
    assertTrue(apart(sum(shares, low, high), product(mean)) > 0.3);
    assertEquals(high.values(0)[7 * 12] / 2, mean.values(0)[7 * 12], 1e-6, "half of rank 8 alone");
  }

  @Test
  void productsThatAreAllZeroCountAlike() {
    Tensors one = normal(lora(8, 12, 10), 1);
    Tensors two = normal(lora(8, 12, 10), 2);
    java.util.Arrays.fill(one.values(1), 0);
    java.util.Arrays.fill(two.values(1), 0);
    Tensors mean = combine("norm", new long[] {1, 5}, one, two);
    assertEquals((one.values(0)[0] + two.values(0)[0]) / 2, mean.values(0)[0], 1e-6);
  }
}
