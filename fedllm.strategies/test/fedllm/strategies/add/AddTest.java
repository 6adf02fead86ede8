package fedllm.strategies.add;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import fedllm.api.optimizer.ServerOptimizer;
import fedllm.testkit.OptimizerContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AddTest implements OptimizerContract {

  @Override
  public ServerOptimizer optimizer() {
    return new Add();
  }

  @Test
  void addsTheUpdateTimesTheRate() {
    float[] next = new float[2];
    optimizer()
        .open(TestOptions.of(Add.Config.class, Map.of("rate", 0.5)), Samples.SCOPE)
        .step(Samples.unit(2), new float[] {1, 2}, new float[] {4, -4}, next);
    assertArrayEquals(new float[] {3, 0}, next);
  }
}
