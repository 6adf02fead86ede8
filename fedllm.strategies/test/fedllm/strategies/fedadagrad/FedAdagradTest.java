package fedllm.strategies.fedadagrad;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.testkit.OptimizerContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FedAdagradTest implements OptimizerContract {

  @Override
  public ServerOptimizer optimizer() {
    return new FedAdagrad();
  }

  @Test
  void followsThePapersSecondAlgorithm() {
    double beta1 = 0.8;
    double tau = 0.01;
    Descent descent =
        optimizer()
            .open(
                TestOptions.of(
                    FedAdagrad.Config.class, Map.of("rate", 0.5, "beta1", beta1, "tau", tau)),
                Samples.SCOPE);
    double m = 0;
    double v = tau * tau;
    double x = 2;
    float[] global = {2};
    for (int t = 1; t <= 6; t++) {
      double d = t % 3 == 0 ? -0.02 * t : 0.5 / t;
      m = beta1 * m + (1 - beta1) * d;
      v += d * d;
      x += 0.5 * m / (Math.sqrt(v) + tau);
      float[] next = new float[1];
      descent.begin(t);
      descent.step(Samples.unit(1), global, new float[] {(float) d}, next);
      assertEquals(x, next[0], 1e-5, "round " + t);
      global = next;
    }
  }
}
