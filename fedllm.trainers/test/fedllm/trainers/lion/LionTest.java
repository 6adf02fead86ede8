package fedllm.trainers.lion;

import fedllm.testkit.TestOptions;
import fedllm.trainers.PlainSteps;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LionTest {

  @Test
  void followsSignsAsInThePaper() {
    Lion.Config config =
        TestOptions.of(Lion.Config.class, Map.of("learningRate", 0.05, "weightDecay", 0.2))
            .as(Lion.Config.class);
    PlainSteps.assertSame(
        Lion.rule(config),
        shape -> {
          double[] m = new double[64];
          return (p, g, rate, t) -> {
            for (int i = 0; i < p.length; i++) {
              p[i] -= rate * (Math.signum(0.9 * m[i] + 0.1 * g[i]) + 0.2 * p[i]);
              m[i] = 0.99 * m[i] + 0.01 * g[i];
            }
          };
        });
  }
}
