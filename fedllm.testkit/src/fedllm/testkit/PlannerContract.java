package fedllm.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.planner.Assignment;
import fedllm.api.planner.Planner;
import fedllm.api.planner.Planning;
import fedllm.api.planner.Task;
import fedllm.api.plugin.Options;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every planner promises. */
public interface PlannerContract {

  /** The plugin. */
  Planner planner();

  /** Its options. */
  default Options options() {
    return TestOptions.none();
  }

  /** Clients for the contract's tests, in client order. */
  default List<String> present() {
    return List.of("bank", "hospital", "school", "software");
  }

  @Test
  default void asksClientsThatAreThereAndEachOnce() {
    Planning planning = planner().open(options(), Samples.SCOPE);
    int asked = 0;
    for (int round = 1; round <= 20; round++) {
      Set<String> clients = new HashSet<>();
      for (Assignment assignment : planning.plan(round, present())) {
        assertTrue(present().contains(assignment.client()), assignment.client());
        assertTrue(clients.add(assignment.client()), assignment.client() + " is asked twice");
        asked++;
      }
    }
    assertTrue(asked > 0, "nobody was ever asked");
  }

  @Test
  default void asksForTheLastStateToBeMeasuredByClientsThatAreThere() {
    Planning planning = planner().open(options(), Samples.SCOPE);
    Set<String> clients = new HashSet<>();
    for (Assignment assignment : planning.last(present())) {
      assertTrue(present().contains(assignment.client()), assignment.client());
      assertTrue(clients.add(assignment.client()), assignment.client() + " is asked twice");
      assertEquals(Set.of(Task.EVALUATE), assignment.tasks(), assignment.client());
    }
    assertEquals(planning.last(present()), planning.last(present()));
  }

  @Test
  default void plansTheSameAgain() {
    Planning one = planner().open(options(), Samples.SCOPE);
    for (int round = 1; round <= 5; round++) {
      List<Assignment> plan = one.plan(round, present());
      assertEquals(plan, one.plan(round, present()));
      assertEquals(plan, planner().open(options(), Samples.SCOPE).plan(round, present()));
    }
  }
}
