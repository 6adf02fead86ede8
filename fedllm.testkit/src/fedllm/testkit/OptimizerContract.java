package fedllm.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.plugin.Options;
import fedllm.api.tensor.Schema;
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

  /** The global state's tensors. */
  default Schema state() {
    return Samples.SCHEMA;
  }

  /** What the strategy makes that it goes with. */
  default Schema combined() {
    return state();
  }

  private List<float[]> round(Descent descent, int round) {
    descent.begin(round);
    Schema next = descent.next(state(), combined());
    boolean byModule = !combined().equals(state()) || !next.equals(state());
    List<float[]> results = new ArrayList<>();
    int u = 0;
    for (Unit unit : byModule ? next.modules() : Samples.blocks(next)) {
      float[] global = Samples.normal(length(unit, state(), byModule), u);
      float[] update = Samples.normal(length(unit, combined(), byModule), 100L * round + u++);
      float[] globalBefore = global.clone();
      float[] updateBefore = update.clone();
      float[] result = new float[unit.length()];
      descent.step(unit, global, update, result);
      assertArrayEquals(globalBefore, global, "the global state was changed");
      assertArrayEquals(updateBefore, update, "the update was changed");
      results.add(result);
    }
    return results;
  }

  private static int length(Unit unit, Schema schema, boolean byModule) {
    return byModule
        ? (int) schema.only(module -> module.equals(unit.module())).size()
        : unit.length();
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
