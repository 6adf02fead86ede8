package fedllm.api.planner;

import java.util.List;
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
}
