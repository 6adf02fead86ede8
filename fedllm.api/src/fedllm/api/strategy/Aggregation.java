package fedllm.api.strategy;

import fedllm.api.tensor.Block;
import fedllm.api.tensor.Unit;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * One round's aggregation, in up to three passes over what the members sent. Memory must not grow
 * with members times model: a unit at a time is what there is.
 */
@ConsumerType
public interface Aggregation {

  /**
   * Pass 1, while an update arrives: one unit of one member. A member's units come in order,
   * members interleave. For norms and the like; a member that fails its checks later never becomes
   * a part.
   *
   * @param values the runtime's buffer, valid during the call; {@code unit.length()} values
   */
  default void observe(Member member, Unit unit, float[] values) {}

  /** Whether {@link #survey} wants a pass of its own over all units before the fold. */
  default boolean surveys() {
    return false;
  }

  /**
   * Once the round is closed and before any fold: every member's part of a unit, in client order.
   */
  default void survey(Unit unit, Iterable<Part> parts) {}

  /**
   * Pass 2: every member's part of one unit, in client order, readable once. {@code out} is all
   * zero and {@code unit.length()} long.
   */
  void fold(Unit unit, Iterable<Part> parts, Block out);
}
