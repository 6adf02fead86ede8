package fedllm.strategies.fwdllm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Ends;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.strategies.fedavg.FedAvg;
import fedllm.strategies.halves.Halves;
import fedllm.testkit.OptimizerContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FwdLlmTest implements OptimizerContract {

  /** Two modules; the first has two tensors, of two values and of one. */
  private static final Schema STATE =
      new Schema(
          List.of(
              new Tensor("watched", "a", List.of(2L)),
              new Tensor("watched", "b", List.of(1L)),
              new Tensor("other", "a", List.of(1L))));

  private static final Unit WATCHED = STATE.modules().get(0);
  private static final Unit OTHER = STATE.modules().get(1);
  private static final float[] GLOBAL = {1, -0f, 3};
  private static final float[] GLOBAL_OTHER = {7};

  @Override
  public ServerOptimizer optimizer() {
    return new FwdLlm();
  }

  @Override
  public Schema combined() {
    return halves(state());
  }

  private static Schema halves(Schema schema) {
    return new Halves()
        .update(TestOptions.none().with("of", new FedAvg(), TestOptions.none()), schema, Map.of());
  }

  private static Waiting open(Map<String, ?> options) {
    return (Waiting) new FwdLlm().open(TestOptions.of(FwdLlm.Config.class, options), Samples.SCOPE);
  }

  /** A round whose halves are the same in the other module. */
  private static float[][] round(Waiting descent, int round, float[] watched) {
    descent.begin(round);
    float[][] next = {new float[3], new float[1]};
    descent.step(WATCHED, GLOBAL, watched, next[0]);
    descent.step(OTHER, GLOBAL_OTHER, new float[] {2, 2}, next[1]);
    return next;
  }

  /**
   * Halves of a (two values each) and of b (one each) that are apart by d in the one value of b.
   */
  private static float[] apart(float d) {
    return new float[] {4, 8, 4, 8, 1, 1 - d};
  }

  @Test
  void movesWhereTheHalvesAgreeAndOnlyThere() {
    // The variance is d^2 / 2 / 3.
    Waiting descent = open(Map.of("rate", 0.5, "threshold", 6));
    float[][] next = round(descent, 1, apart(6));
    assertTrue(descent.commits(), "variance 6 is not above the threshold");
    assertArrayEquals(new float[] {1 - 2, -4, 3 + 1}, next[0]);
    assertArrayEquals(new float[] {7 - 1}, next[1]);
    descent = open(Map.of("rate", 0.5, "threshold", 6));
    next = round(descent, 1, apart(Math.nextUp(6f)));
    assertFalse(descent.commits());
    assertBytesOf(GLOBAL, next[0]);
    assertBytesOf(GLOBAL_OTHER, next[1]);
  }

  private static void assertBytesOf(float[] expected, float[] actual) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(actual[i]));
    }
  }

  @Test
  void addsRoundsUpUntilTheyAgreeAndThenBeginsAnew() {
    Waiting descent = open(Map.of("rate", 1, "threshold", 6));
    round(descent, 1, apart(12)); // 24
    assertFalse(descent.commits());
    float[][] next = round(descent, 2, apart(0)); // apart by 6 in the mean
    assertTrue(descent.commits());
    // b: the halves' means are (1 + 1) / 2 and (-11 + 1) / 2, their mean -2.
    assertArrayEquals(new float[] {1 - 4, -8, 3 + 2}, next[0]);
    assertArrayEquals(new float[] {7 - 2}, next[1]);
    next = round(descent, 3, apart(0));
    assertTrue(descent.commits());
    assertArrayEquals(new float[] {1 - 4, -8, 3 - 1}, next[0], "of the last round alone");
  }

  @Test
  void theRateRisesAndFallsByMoves() {
    FwdLlm.Config config =
        TestOptions.of(FwdLlm.Config.class, Map.of("rate", 6, "warmup", 2, "moves", 6))
            .as(FwdLlm.Config.class);
    double[] rates = new double[8];
    for (int move = 0; move < rates.length; move++) {
      rates[move] = FwdLlm.rate(config, move);
    }
    assertArrayEquals(new double[] {2, 4, 6, 4.5, 3, 1.5, 0, 0}, rates, 1e-12);
  }

  @Test
  void refusesWhatIsNotHalves() {
    Waiting descent = open(Map.of());
    Ends ends = assertThrows(Ends.class, () -> descent.next(STATE, STATE));
    assertTrue(ends.getMessage().contains("choose strategy halves"), ends.getMessage());
    assertEquals(STATE, descent.next(STATE, halves(STATE)));
  }
}
