package fedllm.strategies.krum;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import fedllm.api.error.Refused;
import fedllm.api.plugin.Options;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.strategies.Folding;
import fedllm.testkit.AggregationContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KrumTest implements AggregationContract {

  private static final int SIZE = 2000;

  @Override
  public AggregationStrategy strategy() {
    return new Krum();
  }

  private static Options krum(int byzantine, int keep) {
    return TestOptions.of(Krum.Config.class, Map.of("byzantine", byzantine, "keep", keep));
  }

  private static float[] near(float center, float spread, long seed) {
    float[] values = Samples.normal(SIZE, seed);
    for (int i = 0; i < SIZE; i++) {
      values[i] = center + spread * values[i];
    }
    return values;
  }

  @Test
  void takesTheUpdateThatIsNearestToItsNearestOthers() {
    float[][] updates = {{0}, {3}, {4}, {5.5f}, {100}};
    // n - f - 2 = 2 nearest: 0: 9 + 16, 3: 1 + 6.25, 4: 1 + 2.25, 5.5: 2.25 + 6.25
    assertArrayEquals(new float[] {4}, Folding.of(strategy(), krum(1, 1), updates));
    assertArrayEquals(new float[] {3.5f}, Folding.of(strategy(), krum(1, 2), updates));
  }

  @Test
  void neverChoosesFarOutliersWhereverTheyStand() {
    Random random = new Random(5);
    for (int f = 1; f <= 3; f++) {
      List<float[]> updates = new ArrayList<>();
      for (int i = 0; i < f + 3; i++) {
        updates.add(near(1, 0.1f, 10L * f + i));
      }
      for (int i = 0; i < f; i++) { // agreed with each other, and as large as floats go
        updates.add(near(f == 3 ? 3e38f : -50, 0, 99));
      }
      for (int order = 0; order < 5; order++) {
        Collections.shuffle(updates, random);
        float[] chosen = Folding.of(strategy(), krum(f, f + 3), updates.toArray(float[][]::new));
        for (float value : chosen) {
          assertEquals(1, value, 0.6);
        }
      }
    }
  }

  @Test
  void choosesTheSameInAnyOrder() {
    List<float[]> updates = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      updates.add(near(0, 1, i));
    }
    float[] expected = Folding.of(strategy(), krum(2, 1), updates.toArray(float[][]::new));
    Collections.reverse(updates);
    assertArrayEquals(
        expected, Folding.of(strategy(), krum(2, 1), updates.toArray(float[][]::new)));
  }

  @Test
  void refusesTooFewMembersAndTooManyToKeep() {
    assertEquals(
        "krum: byzantine: 2 takes 2 x 2 + 3 = 7 members, and there are 6",
        assertThrows(Refused.class, () -> strategy().admit(krum(2, 1), 6)).getMessage());
    assertEquals(
        "krum: keep: 6 is more than the 7 - 2 members who do not lie",
        assertThrows(Refused.class, () -> strategy().admit(krum(2, 6), 7)).getMessage());
    strategy().admit(krum(2, 5), 7);
  }
}
