package fedllm.privacy.clip;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import fedllm.api.error.SitsOut;
import fedllm.api.guard.Guard;
import fedllm.api.guard.Passage;
import fedllm.api.guard.Point;
import fedllm.api.guard.Watch;
import fedllm.api.plugin.Options;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.testkit.GuardContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClipTest implements GuardContract {

  private static final Passage TWO =
      new Passage(
          Point.SILO_OUT,
          "bank",
          1,
          new Schema(
              List.of(new Tensor("m", "a", List.of(2L)), new Tensor("m", "b", List.of(1L)))));

  private double norm = 1;

  @Override
  public Guard guard() {
    return new Clip();
  }

  @Override
  public Options options() {
    return TestOptions.of(Clip.Config.class, Map.of("norm", norm));
  }

  @Test
  void bringsAllTensorsTogetherToTheNormAndKeepsTheDirection() {
    norm = 3.5;
    List<float[]> passed = pass(new float[] {2, -3}, new float[] {6});
    assertArrayEquals(new float[] {1, -1.5f}, passed.get(0));
    assertArrayEquals(new float[] {3}, passed.get(1));
  }

  @Test
  void leavesAloneWhatIsShortEnough() {
    norm = 7;
    assertArrayEquals(new float[] {2, -3}, pass(new float[] {2, -3}, new float[] {6}).get(0));
  }

  @Test
  void forgetsTheMessageBefore() {
    norm = 3.5;
    Watch watch = guard().open(options(), Samples.SCOPE);
    List<float[]> large = List.of(new float[] {2e30f, -3e30f}, new float[] {6e30f});
    List<float[]> small = List.of(new float[] {1, 1}, new float[] {1});
    assertEquals(3e30f, GuardContract.pass(watch, TWO, large).get(1)[0] * 1e30f, 1e24f);
    assertArrayEquals(new float[] {1, 1}, GuardContract.pass(watch, TWO, small).get(0));
  }

  @Test
  void refusesWhatIsNotFinite() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThrows(SitsOut.class, () -> pass(new float[] {2, bad}, new float[] {6}));
    }
  }

  private List<float[]> pass(float[] a, float[] b) {
    return GuardContract.pass(guard().open(options(), Samples.SCOPE), TWO, List.of(a, b));
  }
}
