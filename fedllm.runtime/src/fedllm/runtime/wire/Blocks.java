package fedllm.runtime.wire;

import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import java.io.IOException;

/** Where the values to send come from, so that nobody has to hold them all. */
@FunctionalInterface
public interface Blocks {

  /** Writes a column block's values to {@code values[0..unit.length())}. */
  void read(Unit unit, float[] values) throws IOException;

  /** The values of tensors in memory. */
  static Blocks of(Tensors tensors) {
    return (unit, values) ->
        System.arraycopy(
            tensors.values(unit.tensor().name()), (int) unit.offset(), values, 0, unit.length());
  }
}
