package fedllm.strategies.fedbert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.planner.Assignment;
import fedllm.api.planner.Planner;
import fedllm.api.planner.Planning;
import fedllm.api.planner.Task;
import fedllm.api.plugin.Options;
import fedllm.testkit.PlannerContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FedBertTest implements PlannerContract {

  @Override
  public Planner planner() {
    return new FedBert();
  }

  @Override
  public Options options() {
    return options("parallel");
  }

  private static Options options(String mode) {
    return TestOptions.of(
        FedBert.Config.class, Map.of("trunk", "school", "shareEvery", 2, "mode", mode));
  }

  private Planning planning(String mode) {
    return planner().open(options(mode), Samples.SCOPE);
  }

  private static List<String> asked(Planning planning, int round) {
    return planning.plan(round, List.of("bank", "hospital", "school")).stream()
        .filter(assignment -> assignment.tasks().contains(Task.TRAIN))
        .map(a -> a.client() + " " + a.settings().get("phase") + " " + a.settings().get("step"))
        .toList();
  }

  @Test
  void aStepIsFiveRoundsAndAfterSomeStepsAllShare() {
    Planning planning = planning("parallel");
    assertEquals(List.of("bank below 0", "hospital below 0"), asked(planning, 1));
    assertEquals(List.of("school trunk 0"), asked(planning, 2));
    assertEquals(List.of("bank head 0", "hospital head 0"), asked(planning, 3));
    assertEquals(List.of("school layers 0"), asked(planning, 4));
    assertEquals(List.of("bank back 0", "hospital back 0"), asked(planning, 5));
    assertEquals(List.of("bank below 1", "hospital below 1"), asked(planning, 6));
    assertEquals(
        List.of("bank share 2", "hospital share 2", "school share 2"), asked(planning, 11));
    assertEquals(List.of("bank below 2", "hospital below 2"), asked(planning, 12));
  }

  @Test
  void clientsTakeTurnsWhereAJobSaysSo() {
    Planning planning = planning("sequential");
    assertEquals(List.of("bank below 0"), asked(planning, 1));
    assertEquals(List.of("bank back 0"), asked(planning, 5));
    assertEquals(List.of("hospital below 1"), asked(planning, 6));
    assertEquals(List.of("hospital head 1"), asked(planning, 8));
    assertTrue(fresh(planning, 6), "the first step of this one");
  }

  @Test
  void whoHadNoTurnSinceTheLastAveragingHasNothingToShare() {
    List<String> present = List.of("bank", "clinic", "hospital", "school");
    Planning planning = planning("sequential");
    assertEquals(List.of("bank", "clinic", "school"), sharing(planning, 11, present));
    assertEquals(List.of("bank", "hospital", "school"), sharing(planning, 22, present));
  }

  private static List<String> sharing(Planning planning, int round, List<String> present) {
    return planning.plan(round, present).stream().map(Assignment::client).toList();
  }

  private static boolean fresh(Planning planning, int round) {
    List<Assignment> plan = planning.plan(round, List.of("bank", "hospital", "school"));
    return plan.stream().anyMatch(a -> Boolean.TRUE.equals(a.settings().get("fresh")));
  }

  @Test
  void theAdapterTravelsWhereSomebodyStartsFromItAndStreamsWhereTheyAreRead() {
    Planning planning = planning("parallel");
    for (int round = 1; round <= 22; round++) {
      boolean starts = Set.of(1, 2, 12, 13).contains(round);
      assertEquals(starts, planning.sends(round, "bert.encoder.layer.0.dense"), "round " + round);
      assertEquals(starts, fresh(planning, round), "round " + round);
    }
    assertEquals(List.of(2, 4, 5, 7, 9, 10), sent(planning, "fedllm.cut.lower"));
    assertEquals(List.of(3, 4, 8, 9), sent(planning, "fedllm.cut.upper"));
    assertFalse(planning.sends(5, "fedllm.cut.ends"));
  }

  private static List<Integer> sent(Planning planning, String module) {
    return IntStream.rangeClosed(1, 11)
        .filter(round -> planning.sends(round, module))
        .boxed()
        .toList();
  }

  @Test
  void clientsMeasureWhatWasSharedAndTheTrunkDoesNot() {
    List<Assignment> last = planning("parallel").last(List.of("bank", "school"));
    assertEquals(List.of("bank"), last.stream().map(Assignment::client).toList());
    assertEquals(Set.of("school"), planning("parallel").names());
  }
}
