package fedllm.api.strategy;

import fedllm.api.tensor.Block;
import fedllm.api.tensor.Unit;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One round's aggregation, in one or two passes over what the members sent. Memory must not grow
 * with members times model: a unit at a time is what there is.
 */
@ConsumerType
public interface Aggregation {

  /** Whether {@link #survey} wants a pass of its own over all units before the fold. */
  default boolean surveys() {
    return false;
  }

  /**
   * Once the round is closed and before any fold: every member's part of a unit, in client order.
   */
  default void survey(Unit unit, Iterable<Part> parts) {}

  /**
   * Every member's part of one unit, in client order, iterable once. {@code out} is all zero and
   * {@code unit.length()} long.
   */
  void fold(Unit unit, Iterable<Part> parts, Block out);
}
