package fedllm.runtime.wire;

import fedllm.api.tensor.Unit;

/** Takes what arrives, column block by column block, in the schema's order. */
@FunctionalInterface
public interface Sink {

  /** Takes {@code values[0..unit.length())}, all finite, in a buffer that the next call reuses. */
  void accept(Unit unit, float[] values);
}
