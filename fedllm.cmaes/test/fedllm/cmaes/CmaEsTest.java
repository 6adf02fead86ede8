package fedllm.cmaes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensor;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class CmaEsTest {

  private static CmaEs at(double... mean) {
    return new CmaEs(mean, 0.5);
  }

  private static double[] ones(int n) {
    double[] ones = new double[n];
    Arrays.fill(ones, 1);
    return ones;
  }

  /** The loss at the mean after some generations. */
  private static double search(
      CmaEs search, int population, int generations, ToDoubleFunction<double[]> loss) {
    for (int g = 0; g < generations; g++) {
      double[][] solutions = search.ask(population, new Philox(g));
      search.tell(solutions, Arrays.stream(solutions).mapToDouble(loss).toArray());
    }
    return loss.applyAsDouble(search.mean());
  }

  private static double sphere(double[] x) {
    return Arrays.stream(x).map(v -> v * v).sum();
  }

  @Test
  void findsTheMiddleOfASphere() {
    assertTrue(search(at(ones(10)), 10, 300, CmaEsTest::sphere) < 1e-8);
    assertTrue(search(at(ones(30)), 14, 500, CmaEsTest::sphere) < 1e-8);
  }

  /** Axes whose lengths differ by a thousand: what adapting the covariance is for. */
  @Test
  void findsTheMiddleOfAnEllipsoid() {
    ToDoubleFunction<double[]> ellipsoid =
        x -> {
          double sum = 0;
          for (int i = 0; i < x.length; i++) {
            double stretch = Math.pow(1000, (double) i / (x.length - 1));
            sum += stretch * stretch * x[i] * x[i];
          }
          return sum;
        };
    assertTrue(search(at(ones(6)), 9, 500, ellipsoid) < 1e-8);
  }

  @Test
  void followsTheValleyOfRosenbrock() {
    ToDoubleFunction<double[]> valley =
        x -> 100 * Math.pow(x[1] - x[0] * x[0], 2) + Math.pow(1 - x[0], 2);
    assertTrue(search(at(-1, 1), 6, 300, valley) < 1e-8);
  }

  /** By hand: two solutions of one dimension, the better one parent. */
  @Test
  void takesTheStepOfTheTutorial() {
    CmaEs search = new CmaEs(new double[] {2}, 0.5);
    search.tell(new double[][] {{3}, {1}}, new double[] {7, 1}, 1);
    double cs = 3.0 / 7;
    double path = -2 * Math.sqrt(cs * (2 - cs)); // y = (1 - 2) / 0.5
    double usual = 1 - 1 / 4.0 + 1 / 21.0;
    assertArrayEquals(new double[] {1}, search.mean(), 1e-15);
    assertEquals(path, search.sigmaPath()[0], 1e-12);
    double sigma = 0.5 * Math.exp(cs / (1 + cs) * (Math.abs(path) / usual - 1));
    assertEquals(sigma, search.sigma(), 1e-12);
    double c1 = 2 / (2.3 * 2.3 + 1);
    double cc = 5.0 / 7;
    boolean goes = Math.abs(path) / Math.sqrt(1 - Math.pow(1 - cs, 2)) < 2.4 * usual;
    double pc = goes ? -2 * Math.sqrt(cc * (2 - cc)) : 0;
    assertEquals(pc, search.covariancePath()[0], 1e-12);
    double kept = 1 - c1 + (goes ? 0 : c1 * cc * (2 - cc)); // of one parent, C has no other part
    assertEquals(kept + c1 * pc * pc, search.covariance()[0][0], 1e-12);
  }

  @Test
  void solutionsHaveTheCovarianceAndTheSigma() {
    double[][] covariance = {{4, 1.5}, {1.5, 1}};
    CmaEs search = new CmaEs(new double[] {1, -1}, 2, covariance, new double[2], new double[2], 3);
    int count = 20_000;
    double[][] solutions = search.ask(count, new Philox(5));
    double[][] found = new double[2][2];
    for (double[] x : solutions) {
      double[] y = {(x[0] - 1) / 2, (x[1] + 1) / 2};
      for (int i = 0; i < 4; i++) {
        found[i / 2][i % 2] += y[i / 2] * y[i % 2] / count;
      }
    }
    for (int i = 0; i < 2; i++) {
      assertArrayEquals(covariance[i], found[i], 0.15);
    }
  }

  @Test
  void goesOnFromWhatAStateHolds() {
    CmaEs undisturbed = at(ones(5));
    search(undisturbed, 8, 7, CmaEsTest::sphere);
    SearchState state = new SearchState(5, 8);
    float[] values = new float[(int) state.tensors().stream().mapToLong(Tensor::size).sum()];
    state.write(undisturbed, new double[] {0.25, 0.5}, values);
    assertEquals(0.25f, values[values.length - 8]);
    CmaEs resumed = state.read(values);
    assertEquals(7, resumed.generation());
    float[] again = new float[values.length];
    state.write(resumed, new double[] {0.25, 0.5}, again);
    assertArrayEquals(values, again);
    double expected = search(undisturbed, 8, 10, CmaEsTest::sphere);
    assertEquals(expected, search(resumed, 8, 10, CmaEsTest::sphere), 1e-3 * expected);
  }

  @Test
  void refusesASearchThatStandsStill() {
    assertThrows(IllegalArgumentException.class, () -> new CmaEs(new double[] {1}, 0));
  }
}
