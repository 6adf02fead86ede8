package fedllm.api.planner;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.osgi.annotation.versioning.ConsumerType;

/** One run's planning: a function of the round and of who is there, so that it can be repeated. */
@ConsumerType
public interface Planning {

  /**
   * The assignments of a round, at most one a client.
   *
   * @param round 1 for the first
   * @param present the clients that can take part, in client order
   */
  List<Assignment> plan(int round, List<String> present);

  /**
   * Who measures the run's last state: by default whom round 1 would ask to, so that this needs to
   * be written where not every round measures.
   *
   * @param present the clients that can take part, in client order
   */
  default List<Assignment> last(List<String> present) {
    return plan(1, present).stream()
        .filter(assignment -> assignment.tasks().contains(Task.EVALUATE))
        .map(a -> new Assignment(a.client(), Set.of(Task.EVALUATE), a.settings()))
        .toList();
  }

  /** Whether a module of the global state travels with a round's orders. All do by default. */
  default boolean sends(int round, String module) {
    return true;
  }

  /**
   * A member of a round that was folded says what its training measured; in client order. A planner
   * that goes by it is {@code Stateful}.
   *
   * @param metrics as {@link fedllm.api.trainer.Learned} has them
   */
  default void learned(int round, String client, Map<String, Double> metrics) {}

  /** Clients that the job names; one that the federation has never seen refuses the job. */
  default Set<String> names() {
    return Set.of();
  }
}
