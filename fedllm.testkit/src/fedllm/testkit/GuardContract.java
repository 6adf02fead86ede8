package fedllm.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.guard.Guard;
import fedllm.api.guard.Passage;
import fedllm.api.guard.Point;
import fedllm.api.guard.Watch;
import fedllm.api.plugin.Options;
import fedllm.api.tensor.Unit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What every guard promises. */
public interface GuardContract {

  /** The plugin. */
  Guard guard();

  /** Its options. */
  default Options options() {
    return TestOptions.none();
  }

  /** Where it stands. */
  default Point point() {
    return Point.SILO_OUT;
  }

  /** What remains of a message, unit by unit, once it has passed. */
  static List<float[]> pass(Watch watch, Passage passage, List<float[]> message) {
    List<Unit> units = Samples.blocks(passage.schema());
    watch.begin(passage);
    for (int u = 0; u < units.size(); u++) {
      float[] values = message.get(u).clone();
      watch.observe(units.get(u), values);
      assertArrayEquals(message.get(u), values, "observing changed a value");
    }
    List<float[]> passed = new ArrayList<>();
    for (int u = 0; u < units.size(); u++) {
      float[] values = Arrays.copyOf(message.get(u), message.get(u).length + 2);
      watch.pass(units.get(u), values);
      int end = message.get(u).length;
      assertTrue(values[end] == 0 && values[end + 1] == 0, "a value beyond the unit was changed");
      passed.add(Arrays.copyOf(values, end));
    }
    return passed;
  }

  private static List<float[]> message(long seed) {
    List<float[]> message = new ArrayList<>();
    for (Unit unit : Samples.blocks(Samples.SCHEMA)) {
      message.add(Samples.normal(unit.length(), seed * 100 + message.size()));
    }
    return message;
  }

  private Passage passage(int round) {
    return new Passage(point(), Samples.SCOPE.client(), round, Samples.SCHEMA);
  }

  private static void assertSame(List<float[]> expected, List<float[]> found) {
    for (int u = 0; u < expected.size(); u++) {
      assertArrayEquals(expected.get(u), found.get(u));
    }
  }

  @Test
  default void sameMessagePassesTheSame() {
    List<float[]> message = message(1);
    assertSame(
        pass(guard().open(options(), Samples.SCOPE), passage(1), message),
        pass(guard().open(options(), Samples.SCOPE), passage(1), message));
  }

  @Test
  default void goesOnAfterASnapshotAsIfNothingHadHappened() throws IOException {
    Watch undisturbed = guard().open(options(), Samples.SCOPE);
    pass(undisturbed, passage(1), message(1));
    pass(undisturbed, passage(2), message(2));
    Watch resumed = guard().open(options(), Samples.SCOPE);
    Snapshots.move(guard(), undisturbed, resumed);
    for (int round = 3; round < 5; round++) {
      assertSame(
          pass(undisturbed, passage(round), message(round)),
          pass(resumed, passage(round), message(round)));
    }
  }

  @Test
  default void letsFiniteValuesPassAsFiniteValues() {
    Watch watch = guard().open(options(), Samples.SCOPE);
    for (float[] values : pass(watch, passage(1), message(1))) {
      Samples.assertFinite(values);
    }
  }
}
