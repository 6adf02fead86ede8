package fedllm.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.plugin.Options;
import fedllm.api.tensor.Unit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every server optimizer promises. */
public interface OptimizerContract {

  /** The plugin. */
  ServerOptimizer optimizer();

  /** Its options. */
  default Options options() {
    return TestOptions.none();
  }

  private static List<float[]> round(Descent descent, int round) {
    List<float[]> results = new ArrayList<>();
    descent.begin(round);
    int u = 0;
    for (Unit unit : Samples.blocks(Samples.SCHEMA)) {
      float[] global = Samples.normal(unit.length(), u);
      float[] update = Samples.normal(unit.length(), 100L * round + u++);
      float[] globalBefore = global.clone();
      float[] updateBefore = update.clone();
      float[] next = new float[unit.length()];
      descent.step(unit, global, update, next);
      assertArrayEquals(globalBefore, global, "the global state was changed");
      assertArrayEquals(updateBefore, update, "the update was changed");
      results.add(next);
    }
    return results;
  }

  @Test
  default void leavesItsInputsAloneAndGivesFiniteValues() {
    for (float[] result : round(optimizer().open(options(), Samples.SCOPE), 1)) {
      Samples.assertFinite(result);
    }
  }

  @Test
  default void goesOnAfterASnapshotAsIfNothingHadHappened() throws IOException {
    Descent undisturbed = optimizer().open(options(), Samples.SCOPE);
    round(undisturbed, 1);
    round(undisturbed, 2);
    Descent resumed = optimizer().open(options(), Samples.SCOPE);
    Snapshots.move(optimizer(), undisturbed, resumed);
    for (int round = 3; round < 5; round++) {
      List<float[]> expected = round(undisturbed, round);
      List<float[]> found = round(resumed, round);
      for (int u = 0; u < expected.size(); u++) {
        assertArrayEquals(expected.get(u), found.get(u));
      }
    }
  }
}
