package fedllm.api.strategy;

import fedllm.api.plugin.Options;
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

  /** What a unit is for this strategy. */
  default Units units() {
    return Units.COLUMNS;
  }
}
