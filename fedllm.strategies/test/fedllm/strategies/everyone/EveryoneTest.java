package fedllm.strategies.everyone;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.planner.Assignment;
import fedllm.api.planner.Planner;
import fedllm.api.planner.Planning;
import fedllm.api.planner.Task;
import fedllm.testkit.PlannerContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
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

  @Test
  void measuresTheStateThatEveryThirdRoundStartsFrom() {
    assertEquals(List.of(1, 4, 7), roundsThatMeasure(3));
    assertEquals(List.of(1, 2, 3, 4, 5, 6, 7), roundsThatMeasure(1));
  }

  @Test
  void measuresTheLastStateAlsoWhereNoOtherIs() {
    assertEquals(List.of(), roundsThatMeasure(0));
    assertEquals(
        List.of(new Assignment("bank", Set.of(Task.EVALUATE), Map.of())),
        planning(Map.of("evaluateEvery", 0, "train", List.of("school"))).last(List.of("bank")));
    assertEquals(
        List.of(),
        planning(Map.of("evaluate", List.of("school"))).last(List.of("bank")),
        "only those who measure at all");
  }

  private List<Integer> roundsThatMeasure(int every) {
    Planning planning = planning(Map.of("evaluateEvery", every));
    return IntStream.rangeClosed(1, 7)
        .filter(
            round ->
                planning.plan(round, List.of("bank")).stream()
                    .anyMatch(assignment -> assignment.tasks().contains(Task.EVALUATE)))
        .boxed()
        .toList();
  }

  private Planning planning(Map<String, Object> options) {
    return planner().open(TestOptions.of(Everyone.Config.class, options), Samples.SCOPE);
  }
}
