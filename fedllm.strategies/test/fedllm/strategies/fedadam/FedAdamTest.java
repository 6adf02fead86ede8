package fedllm.strategies.fedadam;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.strategies.Folding;
import fedllm.strategies.krum.Krum;
import fedllm.testkit.OptimizerContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FedAdamTest implements OptimizerContract {

  @Override
  public ServerOptimizer optimizer() {
    return new FedAdam();
  }

  @Test
  void followsThePapersSecondAlgorithm() {
    double beta1 = 0.8;
    double beta2 = 0.9;
    double tau = 0.01;
    Descent descent =
        optimizer()
            .open(
                TestOptions.of(
                    FedAdam.Config.class,
                    Map.of("rate", 0.5, "beta1", beta1, "beta2", beta2, "tau", tau)),
                Samples.SCOPE);
    double m = 0;
    double v = tau * tau;
    double x = 2;
    float[] global = {2};
    for (int t = 1; t <= 6; t++) {
      double d = t % 3 == 0 ? -0.02 * t : 0.5 / t;
      m = beta1 * m + (1 - beta1) * d;
      v = beta2 * v + (1 - beta2) * d * d;
      x += 0.5 * m / (Math.sqrt(v) + tau);
      float[] next = new float[1];
      descent.begin(t);
      descent.step(Samples.unit(1), global, new float[] {(float) d}, next);
      assertEquals(x, next[0], 1e-5, "round " + t);
      global = next;
    }
  }

  @Test
  void correctsTheBiasOfItsBeginningWhenAsked() {
    Descent descent =
        optimizer()
            .open(
                TestOptions.of(
                    FedAdam.Config.class, Map.of("rate", 0.5, "tau", 1e-8, "biasCorrection", true)),
                Samples.SCOPE);
    float[] next = new float[1];
    descent.begin(1);
    descent.step(Samples.unit(1), new float[] {1}, new float[] {0.03f}, next);
    assertEquals(1.5, next[0], 1e-5); // the first step of Adam is the rate, whatever the update
  }

  @Test
  void stepsOverWhatKrumChose() {
    float[] honest = {0.1f, -0.2f};
    float[] update =
        Folding.of(
            new Krum(), TestOptions.none(), honest, honest, new float[] {9, 9}, honest, honest);
    Descent descent = optimizer().open(TestOptions.none(), Samples.SCOPE);
    float[] next = new float[2];
    descent.begin(1);
    descent.step(Samples.unit(2), new float[] {1, 1}, update, next);
    double v = 0.99e-6 + 0.01 * 0.01; // beta2 tau^2 + (1 - beta2) d^2
    assertEquals(1 + 0.01 * 0.01 / (Math.sqrt(v) + 1e-3), next[0], 1e-6);
  }
}
