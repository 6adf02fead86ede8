package fedllm.privacy.secagg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.planner.Planner;
import fedllm.api.planner.Planning;
import fedllm.api.planner.Task;
import fedllm.api.plugin.Options;
import fedllm.strategies.everyone.Everyone;
import fedllm.testkit.PlannerContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TurnsTest implements PlannerContract {

  @Override
  public Planner planner() {
    return new Turns();
  }

  @Override
  public Options options() {
    return TestOptions.none()
        .with(
            "of",
            new Everyone(),
            TestOptions.of(Everyone.Config.class, Map.of("evaluateEvery", 2)));
  }

  private final Planning planning = planner().open(options(), Samples.SCOPE);

  @Test
  void anAggregationIsTheOtherPlannersRound() {
    for (int round = 1; round <= 12; round++) {
      Set<Task> tasks = planning.plan(round, present()).get(0).tasks();
      boolean measures = round == 1 || round == 9;
      assertEquals(measures ? Set.of(Task.TRAIN, Task.EVALUATE) : Set.of(Task.TRAIN), tasks);
    }
  }

  @Test
  void whatIsLearnedTravelsOnceAndSharesWhenTheyAreNeeded() {
    for (int round = 1; round <= 9; round++) {
      boolean first = round % 4 == 1;
      assertEquals(first, planning.sends(round, "layers.0.q"));
      assertEquals(!first, planning.sends(round, Book.MODULE));
      assertEquals(round % 4 == 0, planning.sends(round, Book.SHARES));
    }
    assertTrue(Book.has(Book.SHARES));
    assertFalse(Book.has("layers.0.q"));
  }
}
