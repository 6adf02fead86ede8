package fedllm.strategies.flora;

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
import fedllm.api.tensor.Tensors;
import fedllm.strategies.FoldingModules;
import fedllm.testkit.TestOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FloraTest {

  private static final Schema STATE = lora(3, 50, 40);
  private final AggregationStrategy flora = new Flora();

  private Tensors combine(long[] examples, Tensors... updates) {
    return FoldingModules.of(flora, TestOptions.none(), STATE, examples, updates);
  }

  @Test
  void addsProductsUpExactlyWhateverTheRanks() {
    Tensors[] updates = {
      normal(lora(4, 50, 40), 1), normal(lora(8, 50, 40), 2), normal(lora(1, 50, 40), 3)
    };
    Tensors stack = combine(new long[] {1, 2, 5}, updates);
    assertEquals(List.of(13L, 50L), stack.schema().tensors().get(0).shape());
    assertEquals(0, apart(sum(new double[] {0.125, 0.25, 0.625}, updates), product(stack)), 1e-6);
  }

  @Test
  void hasTheSameProductInWhateverOrderClientsStand() {
    Tensors one = normal(lora(4, 50, 40), 1);
    Tensors two = normal(lora(8, 50, 40), 2);
    double[][] product = product(combine(new long[] {3, 1}, one, two));
    assertEquals(0, apart(product, product(combine(new long[] {1, 3}, two, one))), 1e-6);
  }

  @Test
  void wantsTheClientsRankWhateverTheStackHas() {
    assertEquals(lora(16, 50, 40), flora.update(TestOptions.none(), STATE, Map.of("rank", 16)));
    Ends above =
        assertThrows(Ends.class, () -> flora.update(TestOptions.none(), STATE, Map.of("rank", 41)));
    assertTrue(above.getMessage().contains("rank 41"), above.getMessage());
    assertTrue(above.getMessage().contains("1 to 40"), above.getMessage());
    Ends none = assertThrows(Ends.class, () -> flora.update(TestOptions.none(), STATE, Map.of()));
    assertTrue(none.getMessage().contains("planner ranks"), none.getMessage());
  }
}
