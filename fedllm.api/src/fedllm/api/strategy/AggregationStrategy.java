package fedllm.api.strategy;

import fedllm.api.plugin.Options;
import fedllm.api.tensor.Schema;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/** Combines what the members of a round learned. Stateless: a factory of one round's work. */
@ConsumerType
public interface AggregationStrategy {

  /**
   * Opens one round, once it is closed; used by one thread. The options were checked when the job
   * was submitted.
   */
  Aggregation open(Options options, Round round);

  /**
   * Lets a round with so many members pass. Asked when a job is submitted, with all silos that the
   * federation knows, and when a round closes, which is repeated if it does not pass.
   *
   * @throws fedllm.api.error.Refused with the rule and the numbers
   */
  default void admit(Options options, int members) {}

  /**
   * What an update must hold; one that holds anything else does not count.
   *
   * @param global the tensors of the global state
   * @param settings what the planner gave the client, such as a rank
   * @throws fedllm.api.error.Ends where nobody can send what they ask for
   */
  default Schema update(Options options, Schema global, Map<String, Object> settings) {
    return global;
  }

  /**
   * What the fold makes: by default tensors like the global state's. A strategy of {@link
   * Units#COLUMNS} makes what all members sent. Its modules stand in the order of the members'.
   */
  default Schema combined(Options options, Round round) {
    return units() == Units.COLUMNS ? round.updates().get(0) : round.schema();
  }

  /** What a unit is for this strategy. */
  default Units units() {
    return Units.COLUMNS;
  }
}
