package fedllm.trainers.sgd;

import static org.junit.jupiter.api.Assertions.assertThrows;

import fedllm.api.error.SitsOut;
import fedllm.learning.train.Rule;
import fedllm.testkit.TestOptions;
import fedllm.trainers.PlainSteps;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SgdTest {

  @ParameterizedTest
  @CsvSource({"0, false, 0", "0.9, false, 0", "0.9, true, 0.1", "0, false, 0.1"})
  void stepsAsInTheTextbook(double momentum, boolean nesterov, double decay) {
    PlainSteps.assertSame(
        rule(Map.of("momentum", momentum, "nesterov", nesterov, "weightDecay", decay)),
        shape -> {
          double[] m = new double[64];
          return (p, g, rate, t) -> {
            for (int i = 0; i < p.length; i++) {
              double slope = g[i] + decay * p[i];
              m[i] = momentum * m[i] + slope;
              p[i] -= rate * (nesterov ? slope + momentum * m[i] : m[i]);
            }
          };
        });
  }

  @Test
  void refusesToLookAheadWithoutMomentum() {
    assertThrows(SitsOut.class, () -> rule(Map.of("nesterov", true)));
  }

  private static Rule rule(Map<String, Object> options) {
    return Sgd.rule(TestOptions.of(Sgd.Config.class, options).as(Sgd.Config.class));
  }
}
