package fedllm.learning.seeds;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayTest {

  private static final int SEEDS = 48;

  /** Two tensors, of which one is longer than a block. */
  private static Tensors first() {
    Tensors first =
        new Tensors(
            new Schema(
                List.of(
                    new Tensor("a", "weight", List.of(7L, 11L)),
                    new Tensor("b", "weight", List.of(5001L)))));
    for (int t = 0; t < 2; t++) {
      new Philox(t).addNormals(0, 1, first.values(t), first.values(t).length);
    }
    return first;
  }

  private static float[] sums() {
    float[] sums = new float[SEEDS];
    new Philox(9).addNormals(0, 30, sums, SEEDS);
    sums[3] = 0;
    return sums;
  }

  private static String bits(String form) {
    Tensors all = new Replay(new Directions(42, form), 1e-3).of(first(), sums(), (w, n, of) -> {});
    long hash = 0;
    for (int t = 0; t < all.schema().tensors().size(); t++) {
      for (float value : all.values(t)) {
        hash = 31 * hash + Float.floatToRawIntBits(value);
      }
    }
    return Long.toHexString(hash);
  }

  /** What another process runs. */
  public static void main(String[] forms) {
    for (String form : forms) {
      System.out.println(bits(form));
    }
  }

  @Test
  void makesTheSameBitsInAnotherProcessThatCompilesNothingAndHasOneThread()
      throws IOException, InterruptedException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xint",
            "-Djava.util.concurrent.ForkJoinPool.common.parallelism=1",
            "-cp",
            System.getProperty("java.class.path"),
            ReplayTest.class.getName(),
            Directions.NORMAL,
            Directions.SIGN);
    Process other = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, other.waitFor(), said);
    assertEquals(List.of(bits(Directions.NORMAL), bits(Directions.SIGN)), said.lines().toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {Directions.NORMAL, Directions.SIGN})
  void makesTheSameBitsByAnyNumberOfThreads(String form) throws Exception {
    String here = bits(form);
    for (int threads : new int[] {1, 3}) {
      ForkJoinPool pool = new ForkJoinPool(threads);
      try {
        assertEquals(here, pool.submit(() -> bits(form)).get());
      } finally {
        pool.shutdown();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {Directions.NORMAL, Directions.SIGN})
  void isTheSumOfTheDirections(String form) {
    Tensors first = first();
    Directions directions = new Directions(42, form);
    float[] sums = sums();
    int size = (int) first.schema().size();
    double[] expected = new double[size];
    for (int s = 0; s < SEEDS; s++) {
      float[] z = new float[size];
      directions.of(s).add(0, 1, z, size);
      for (int i = 0; i < size; i++) {
        expected[i] -= 1e-3 * sums[s] * z[i];
      }
    }
    Tensors replayed = new Replay(directions, 1e-3).of(first, sums, (w, n, of) -> {});
    int at = 0;
    for (int t = 0; t < 2; t++) {
      for (int i = 0; i < replayed.values(t).length; i++) {
        assertEquals(first.values(t)[i] + expected[at++], replayed.values(t)[i], 1e-6);
      }
    }
    Tensors again = first();
    for (int t = 0; t < 2; t++) {
      assertArrayEquals(again.values(t), first.values(t), "what it began with was changed");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {Directions.NORMAL, Directions.SIGN})
  void aPartOfADirectionIsWhatTheWholeHasThere(String form) {
    Direction z = new Directions(1, form).of(5);
    float[] whole = new float[1000];
    z.add(0, 1, whole, whole.length);
    float[] part = new float[300];
    z.add(333, 1, part, part.length);
    for (int i = 0; i < part.length; i++) {
      assertEquals(whole[333 + i], part[i]);
    }
  }

  /** On a quadratic the slope along z is exact, and E[g z] is the gradient. */
  @ParameterizedTest
  @ValueSource(strings = {Directions.NORMAL, Directions.SIGN})
  void slopesAlongDirectionsAreTheGradientInTheMean(String form) {
    double[] curves = {1, 2, 4, 0.5};
    double[] w = {1, -2, 0.5, 3};
    Directions directions = new Directions(7, form);
    int draws = 20_000;
    List<double[]> estimates = new ArrayList<>();
    for (int s = 0; s < draws; s++) {
      float[] z = new float[w.length];
      directions.of(s).add(0, 1, z, z.length);
      double g = (loss(curves, w, z, 1e-3) - loss(curves, w, z, -1e-3)) / 2e-3;
      double[] estimate = new double[w.length];
      for (int i = 0; i < w.length; i++) {
        estimate[i] = g * z[i];
      }
      estimates.add(estimate);
    }
    for (int i = 0; i < w.length; i++) {
      int at = i;
      double mean = estimates.stream().mapToDouble(e -> e[at]).average().orElseThrow();
      double squares = estimates.stream().mapToDouble(e -> (e[at] - mean) * (e[at] - mean)).sum();
      double error = Math.sqrt(squares / draws / draws);
      assertTrue(Math.abs(mean - curves[i] * w[i]) < 4 * error, mean + " +- " + error);
      assertTrue(error < 0.1, "so wide an interval says nothing: " + error);
    }
  }

  private static double loss(double[] curves, double[] w, float[] z, double far) {
    double loss = 0;
    for (int i = 0; i < w.length; i++) {
      double x = w[i] + far * z[i];
      loss += curves[i] * x * x / 2;
    }
    return loss;
  }
}
