package fedllm.strategies.fedavgm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.strategies.add.Add;
import fedllm.testkit.OptimizerContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FedAvgMTest implements OptimizerContract {

  @Override
  public ServerOptimizer optimizer() {
    return new FedAvgM();
  }

  private Descent open(Map<String, ?> options) {
    return optimizer().open(TestOptions.of(FedAvgM.Config.class, options), Samples.SCOPE);
  }

  private static float[] rounds(Descent descent, float[]... updates) {
    float[] global = new float[updates[0].length];
    for (float[] update : updates) {
      float[] next = new float[global.length];
      descent.step(Samples.unit(global.length), global, update, next);
      global = next;
    }
    return global;
  }

  @Test
  void rollsOn() {
    // v: 8, 4, 2 + 1
    float[] found =
        rounds(open(Map.of("beta", 0.5)), new float[] {8}, new float[] {0}, new float[] {1});
    assertArrayEquals(new float[] {15}, found);
    // v: 4, 2, 1.5, by half of each
    found =
        rounds(
            open(Map.of("beta", 0.5, "dampened", true)),
            new float[] {8},
            new float[] {0},
            new float[] {1});
    assertArrayEquals(new float[] {7.5f}, found);
  }

  @Test
  void isAddWithoutMomentum() {
    float[] one = Samples.normal(1000, 1);
    float[] other = Samples.normal(1000, 2);
    assertArrayEquals(
        rounds(new Add().open(TestOptions.none(), Samples.SCOPE), one, other),
        rounds(open(Map.of("beta", 0)), one, other));
  }
}
