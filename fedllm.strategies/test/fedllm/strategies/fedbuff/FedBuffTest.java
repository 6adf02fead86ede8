package fedllm.strategies.fedbuff;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.plugin.Options;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.strategies.Folding;
import fedllm.strategies.fedavg.FedAvg;
import fedllm.testkit.AggregationContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FedBuffTest implements AggregationContract {

  private static final Options BY_EXAMPLES =
      TestOptions.of(FedBuff.Config.class, Map.of("byExamples", true));

  @Override
  public AggregationStrategy strategy() {
    return new FedBuff();
  }

  /** The catalogue's check: K = all and nobody late is a step of FedAvg, bit for bit. */
  @Test
  void whereNobodyIsLateItIsTheMean() {
    float[][] updates = new float[7][];
    for (int i = 0; i < updates.length; i++) {
      updates[i] = Samples.normal(1500, i);
    }
    float[] mean = Folding.of(new FedAvg(), TestOptions.none(), updates);
    assertArrayEquals(mean, Folding.of(new FedBuff(), TestOptions.none(), updates));
    long[] examples = {3, 50, 7, 11, 1_000_000_007, 1, 2};
    assertArrayEquals(
        Folding.of(new FedAvg(), TestOptions.none(), examples, updates),
        Folding.of(new FedBuff(), BY_EXAMPLES, examples, updates));
  }

  @Test
  void discountsByTheRootOfStaleness() {
    long[] examples = {30, 10};
    int[] late = {0, 3};
    float[][] updates = {{8}, {4}};
    float[] each = Folding.late(new FedBuff(), TestOptions.none(), examples, late, updates);
    assertEquals(8 / 2f + 4 / 2f / 2f, each[0]);
    float[] shares = Folding.late(new FedBuff(), BY_EXAMPLES, examples, late, updates);
    assertEquals(8 * 0.75f + 4 * 0.25f / 2f, shares[0]);
  }
}
