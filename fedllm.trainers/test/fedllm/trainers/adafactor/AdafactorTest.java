package fedllm.trainers.adafactor;

import fedllm.testkit.TestOptions;
import fedllm.trainers.PlainSteps;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdafactorTest {

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stepsAsInThePaper(boolean relative) {
    Adafactor.Config config =
        TestOptions.of(
                Adafactor.Config.class,
                Map.of("learningRate", 0.05, "weightDecay", 0.1, "relativeStep", relative))
            .as(Adafactor.Config.class);
    PlainSteps.assertSame(Adafactor.rule(config), shape -> plain(shape, relative));
  }

  /** Algorithms 4 and 5 of the paper, with their sums of rows and columns. */
  private static PlainSteps.Plain plain(int[] shape, boolean relative) {
    int rows = shape.length > 1 ? shape[0] : 1;
    int columns = shape.length > 1 ? shape[1] : shape[0];
    double[] r = new double[rows];
    double[] c = new double[columns];
    return (p, g, rate, t) -> {
      double beta = 1 - Math.pow(t, -0.8);
      double[] u = new double[p.length];
      double[] sumRows = new double[rows];
      double[] sumColumns = new double[columns];
      for (int i = 0; i < p.length; i++) {
        sumRows[i / columns] += g[i] * g[i] + 1e-30;
        sumColumns[i % columns] += g[i] * g[i] + 1e-30;
      }
      Arrays.setAll(r, i -> beta * r[i] + (1 - beta) * sumRows[i]);
      Arrays.setAll(c, i -> beta * c[i] + (1 - beta) * sumColumns[i]);
      double all = Arrays.stream(r).sum();
      for (int i = 0; i < p.length; i++) {
        double v = shape.length > 1 ? r[i / columns] * c[i % columns] / all : c[i];
        u[i] = g[i] / Math.sqrt(v);
      }
      double bound = Math.max(1, rms(u));
      double alpha = relative ? rate * Math.max(1e-3, rms(p)) : rate;
      for (int i = 0; i < p.length; i++) {
        p[i] -= alpha * (u[i] / bound + 0.1 * p[i]);
      }
    };
  }

  private static double rms(double[] values) {
    return Math.sqrt(Arrays.stream(values).map(x -> x * x).average().orElseThrow());
  }
}
