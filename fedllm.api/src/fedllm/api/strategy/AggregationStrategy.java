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

  /** What a unit is for this strategy. */
  default Units units() {
    return Units.COLUMNS;
  }
}
