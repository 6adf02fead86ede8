package fedllm.trainers.adamw;

import fedllm.testkit.TestOptions;
import fedllm.trainers.PlainSteps;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdamWRuleTest {

  @Test
  void stepsAsInThePaper() {
    AdamW.Config config =
        TestOptions.of(AdamW.Config.class, Map.of("learningRate", 0.05, "weightDecay", 0.1))
            .as(AdamW.Config.class);
    PlainSteps.assertSame(
        AdamW.rule(config),
        shape -> {
          double[] m = new double[64];
          double[] v = new double[64];
          return (p, g, rate, t) -> {
            for (int i = 0; i < p.length; i++) {
              m[i] = 0.9 * m[i] + 0.1 * g[i];
              v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
              double up = m[i] / (1 - Math.pow(0.9, t));
              double down = Math.sqrt(v[i] / (1 - Math.pow(0.999, t))) + 1e-8;
              p[i] -= rate * 0.1 * p[i] + rate * up / down;
            }
          };
        });
  }
}
