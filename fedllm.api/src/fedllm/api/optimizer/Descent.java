package fedllm.api.optimizer;

import fedllm.api.tensor.Unit;
import org.osgi.annotation.versioning.ConsumerType;

/** One run's way down, unit by unit. */
@ConsumerType
public interface Descent {

  /** A round's steps begin. */
  default void begin(int round) {}

  /**
   * Writes the next values of a unit.
   *
   * @param global the present values, {@code unit.length()} of them, not to be changed
   * @param update what the strategy combined, not to be changed
   * @param next the result
   */
  void step(Unit unit, float[] global, float[] update, float[] next);
}
