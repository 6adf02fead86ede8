package fedllm.api.optimizer;

import fedllm.api.error.Ends;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Unit;
import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/** One run's way down, unit by unit. */
@ConsumerType
public interface Descent {

  /** A round's steps begin. */
  default void begin(int round) {}

  /** The same, for a method that counts who takes part. */
  default void begin(Round round) {
    begin(round.number());
  }

  /**
   * The next state's tensors: those of the present one, unless the method makes others.
   *
   * @param global the present state's
   * @param combined what the strategy makes
   * @throws Ends where this is no update that the method can use
   */
  default Schema next(Schema global, Schema combined) {
    if (!combined.equals(global)) {
      throw new Ends(
          "the strategy makes "
              + combined.summary()
              + ", and this optimizer steps only by tensors like the global state's, "
              + global.summary()
              + "; choose the optimizer that belongs to the strategy");
    }
    return global;
  }

  /**
   * Writes the next values of a unit: a column block where {@link #next} left the tensors as they
   * are, else a module of the next state that was combined. Modules that were not stay as they are.
   *
   * @param global the present values of the unit, or all of the module of that name in the present
   *     state; not to be changed, and maybe longer
   * @param update what the strategy combined, of the unit or of the module of that name; as above
   * @param next the result, {@code unit.length()} values; maybe longer
   */
  void step(Unit unit, float[] global, float[] update, float[] next);

  /**
   * The small files beside a run's result, such as {@code adapter_config.json}; by default those
   * that the first state came with.
   *
   * @param state the last state's tensors
   */
  default Map<String, String> files(Map<String, String> first, Schema state) {
    return first;
  }
}
