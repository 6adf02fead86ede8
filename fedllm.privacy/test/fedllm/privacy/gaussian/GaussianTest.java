package fedllm.privacy.gaussian;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.guard.Guard;
import fedllm.api.guard.Passage;
import fedllm.api.guard.Point;
import fedllm.api.guard.Watch;
import fedllm.api.plugin.Options;
import fedllm.api.tensor.Unit;
import fedllm.testkit.GuardContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GaussianTest implements GuardContract {

  private static final List<Unit> UNITS = Samples.blocks(Samples.SCHEMA);

  @Override
  public Guard guard() {
    return new Gaussian();
  }

  @Override
  public Options options() {
    return TestOptions.of(Gaussian.Config.class, Map.of("deviation", 0.5));
  }

  @Test
  void hasTheDeviationThatWasAskedFor() {
    float[] noise = noise("bank", 1).get(2);
    double sum = 0;
    double squares = 0;
    for (float value : noise) {
      sum += value;
      squares += (double) value * value;
    }
    assertEquals(262_144, noise.length);
    assertEquals(0, sum / noise.length, 4 * 0.5 / 512);
    assertEquals(0.25, squares / noise.length, 0.003);
  }

  @Test
  void differsByRoundClientTensorAndPlace() {
    float first = noise("bank", 1).get(0)[0];
    assertTrue(first != noise("bank", 2).get(0)[0]);
    assertTrue(first != noise("school", 1).get(0)[0]);
    assertTrue(first != noise("bank", 1).get(1)[0]);
    assertTrue(noise("bank", 1).get(2)[0] != noise("bank", 1).get(3)[0]);
  }

  @Test
  void doesNotDependOnTheOrderOfUnits() {
    List<float[]> forward = noise("bank", 1);
    Watch watch = guard().open(options(), Samples.SCOPE);
    watch.begin(new Passage(Point.SILO_OUT, "bank", 1, Samples.SCHEMA));
    for (int u = UNITS.size() - 1; u >= 0; u--) {
      float[] values = new float[UNITS.get(u).length()];
      watch.pass(UNITS.get(u), values);
      assertArrayEquals(forward.get(u), values);
    }
  }

  private List<float[]> noise(String client, int round) {
    return GuardContract.pass(
        guard().open(options(), Samples.SCOPE),
        new Passage(Point.SILO_OUT, client, round, Samples.SCHEMA),
        UNITS.stream().map(unit -> new float[unit.length()]).toList());
  }

  @Test
  void deviationZeroChangesNothing() {
    Options none = TestOptions.of(Gaussian.Config.class, Map.of("deviation", 0));
    Watch watch = guard().open(none, Samples.SCOPE);
    float[] values = {1, 2, 3};
    watch.begin(new Passage(Point.SILO_OUT, "bank", 1, Samples.SCHEMA));
    watch.pass(Samples.unit(3), values);
    assertEquals("[1.0, 2.0, 3.0]", Arrays.toString(values));
  }
}
