package fedllm.strategies.everyone;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.planner.Assignment;
import fedllm.api.planner.Planner;
import fedllm.api.planner.Task;
import fedllm.testkit.PlannerContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EveryoneTest implements PlannerContract {

  @Override
  public Planner planner() {
    return new Everyone();
  }

  @Test
  void asksEverybodyForEverything() {
    Set<Task> both = Set.of(Task.TRAIN, Task.EVALUATE);
    assertEquals(
        List.of(new Assignment("bank", both, Map.of()), new Assignment("school", both, Map.of())),
        planner().open(options(), Samples.SCOPE).plan(1, List.of("bank", "school")));
  }

  @Test
  void asksThoseWhoAreNamed() {
    TestOptions named =
        TestOptions.of(
            Everyone.Config.class,
            Map.of("train", List.of("bank"), "evaluate", List.of("school", "absent")));
    assertEquals(
        List.of(
            new Assignment("bank", Set.of(Task.TRAIN), Map.of()),
            new Assignment("school", Set.of(Task.EVALUATE), Map.of())),
        planner().open(named, Samples.SCOPE).plan(1, List.of("bank", "hospital", "school")));
  }
}
