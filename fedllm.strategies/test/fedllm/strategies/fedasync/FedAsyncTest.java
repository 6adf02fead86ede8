package fedllm.strategies.fedasync;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.optimizer.Descent;
import fedllm.api.plugin.Options;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.tensor.Unit;
import fedllm.strategies.Folding;
import fedllm.strategies.add.Add;
import fedllm.testkit.AggregationContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FedAsyncTest implements AggregationContract {

  @Override
  public AggregationStrategy strategy() {
    return new FedAsync();
  }

  @Override
  public boolean keepsWhatAllAgreeOn() {
    return false; // a share of it
  }

  /** The catalogue's check: nobody late and alpha 1 is the last writer's model. */
  @Test
  void whoIsInTimeAndMixedInWholeIsTheNextState() {
    float[] state = new float[500];
    float[] written = new float[500];
    float[] update = new float[500];
    for (int i = 0; i < state.length; i++) { // differences that floats hold exactly
      state[i] = i / 64f;
      written[i] = -i / 32f + 3;
      update[i] = written[i] - state[i];
    }
    float[] combined = Folding.of(new FedAsync(), options(Map.of("alpha", 1)), update);
    assertArrayEquals(written, add(state, combined));
  }

  /** {@code w = (1 - alpha) w + alpha w_k} for whoever is in time. */
  @Test
  void mixesTwoModels() {
    float[] combined = Folding.of(new FedAsync(), options(Map.of("alpha", 0.25)), new float[] {8});
    assertEquals(0.75f * 100 + 0.25f * 108, add(new float[] {100}, combined)[0]);
  }

  private static float[] add(float[] state, float[] update) {
    Descent descent = new Add().open(TestOptions.none(), Samples.SCOPE);
    float[] next = new float[state.length];
    Unit unit = Samples.unit(state.length);
    descent.begin(1);
    descent.step(unit, state, update, next);
    return next;
  }

  @Test
  void theLaterTheLess() {
    assertEquals(0.5f, share("constant", 50));
    assertEquals(0.5f, share("polynomial", 0));
    assertEquals(0.25f, share("polynomial", 3)); // 4^-0.5
    assertEquals(0.5f, share("hinge", 4));
    assertEquals(0.25f, share("hinge", 6)); // 1 / (0.5 * 2 + 1)
  }

  private static float share(String staleness, int late) {
    Options options = options(Map.of("alpha", 0.5, "staleness", staleness));
    return Folding.late(
        new FedAsync(), options, new long[] {7}, new int[] {late}, new float[][] {{1}})[0];
  }

  private static Options options(Map<String, ?> values) {
    return TestOptions.of(FedAsync.Config.class, values);
  }
}
