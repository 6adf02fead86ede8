package fedllm.strategies.flexlora;

import static fedllm.strategies.FoldingModules.apart;
import static fedllm.strategies.FoldingModules.lora;
import static fedllm.strategies.FoldingModules.normal;
import static fedllm.strategies.FoldingModules.product;
import static fedllm.strategies.FoldingModules.sum;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Ends;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.strategies.FoldingModules;
import fedllm.testkit.AggregationContract;
import fedllm.testkit.TestOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.SingularValueDecomposition;
import org.junit.jupiter.api.Test;

class FlexLoraTest implements AggregationContract {

  private static final long[] EXAMPLES = {10, 30, 60};
  private static final double[] SHARES = {0.1, 0.3, 0.6};

  @Override
  public AggregationStrategy strategy() {
    return new FlexLora();
  }

  /** The same product, by other factors. */
  @Override
  public boolean keepsWhatAllAgreeOn() {
    return false;
  }

  private static Tensors combine(int rank, Tensors... updates) {
    return FoldingModules.of(
        new FlexLora(), TestOptions.none(), lora(rank, 50, 40), EXAMPLES, updates);
  }

  private static Tensors[] mixed(int... ranks) {
    return Arrays.stream(ranks)
        .mapToObj(rank -> normal(lora(rank, 50, 40), rank))
        .toArray(Tensors[]::new);
  }

  @Test
  void isTheMeanProductWhereTheRanksSuffice() {
    Tensors[] updates = mixed(4, 8, 16);
    assertEquals(0, apart(sum(SHARES, updates), product(combine(28, updates))), 1e-6);
  }

  @Test
  void isAsFarFromTheMeanProductAsTheSingularValuesBeyondItsRank() {
    Tensors[] updates = mixed(4, 8, 16);
    double[][] mean = sum(SHARES, updates);
    double[] singular =
        new SingularValueDecomposition(new Array2DRowRealMatrix(mean)).getSingularValues();
    double all = Arrays.stream(singular).map(s -> s * s).sum();
    double beyond = Arrays.stream(singular).skip(16).map(s -> s * s).sum();
    assertEquals(Math.sqrt(beyond / all), apart(mean, product(combine(16, updates))), 1e-6);
  }

  @Test
  void theFirstRanksOfTheResultAreTheBestFactorsOfThatRank() {
    Tensors[] updates = mixed(4, 8, 16);
    double[][] mean = sum(SHARES, updates);
    double[][] whole = product(combine(4, updates));
    Tensors sixteen = combine(16, updates);
    Tensors prefix = new Tensors(lora(4, 50, 40));
    System.arraycopy(sixteen.values(0), 0, prefix.values(0), 0, 4 * 50);
    for (int o = 0; o < 40; o++) {
      System.arraycopy(sixteen.values(1), o * 16, prefix.values(1), o * 4, 4);
    }
    assertEquals(0, apart(whole, product(prefix)), 1e-6);
    assertTrue(apart(mean, product(prefix)) < 1);
  }

  /** The terms that the mean of factors has and the mean of products has not. */
  @Test
  void hasNoCrossTerms() {
    Tensors one = new Tensors(lora(1, 2, 2), List.of(new float[] {1, 0}, new float[] {1, 0}));
    Tensors two = new Tensors(lora(1, 2, 2), List.of(new float[] {0, 1}, new float[] {0, 1}));
    Tensors both =
        FoldingModules.of(
            new FlexLora(), TestOptions.none(), lora(2, 2, 2), new long[] {1, 1}, one, two);
    double[][] product = product(both);
    assertEquals(0.5, product[0][0], 1e-7);
    assertEquals(0.5, product[1][1], 1e-7);
    assertEquals(0, product[0][1], 1e-7);
    assertEquals(0, product[1][0], 1e-7);
  }

  @Test
  void averagesWhatIsNoFactor() {
    Schema global = schemaWithBias(16);
    Tensors[] updates = new Tensors[3];
    double expected = 0;
    for (int k = 0; k < 3; k++) {
      updates[k] = normal(schemaWithBias(4 << k), k);
      expected += SHARES[k] * updates[k].values("m.bias")[5];
    }
    Tensors combined =
        FoldingModules.of(new FlexLora(), TestOptions.none(), global, EXAMPLES, updates);
    assertEquals(expected, combined.values("m.bias")[5], 1e-6);
  }

  private static Schema schemaWithBias(long rank) {
    return new Schema(
        List.of(
            new Tensor("m", "lora_A.weight", List.of(rank, 50L)),
            new Tensor("m", "lora_B.weight", List.of(40L, rank)),
            new Tensor("m", "bias", List.of(40L))));
  }

  @Test
  void wantsOfAClientItsOwnRank() {
    assertEquals(
        lora(3, 50, 40),
        new FlexLora().update(TestOptions.none(), lora(8, 50, 40), Map.of("rank", 3)));
    Ends above =
        assertThrows(
            Ends.class,
            () -> new FlexLora().update(TestOptions.none(), lora(8, 50, 40), Map.of("rank", 9)));
    assertTrue(above.getMessage().contains("rank 9"), above.getMessage());
    assertTrue(above.getMessage().contains("ranks 1 to 8"), above.getMessage());
  }

  @Test
  void refusesRanksAboveALayersWidthAndStatesWithoutFactors() {
    Ends wide =
        assertThrows(
            Ends.class, () -> new FlexLora().update(TestOptions.none(), lora(8, 6, 40), Map.of()));
    assertTrue(wide.getMessage().contains("rank 8"), wide.getMessage());
    assertTrue(wide.getMessage().contains("6"), wide.getMessage());
    Schema none = new Schema(List.of(new Tensor("m", "ia3_l", List.of(4L, 1L))));
    Ends without =
        assertThrows(Ends.class, () -> new FlexLora().update(TestOptions.none(), none, Map.of()));
    assertTrue(without.getMessage().contains("set peft to lora"), without.getMessage());
  }
}
