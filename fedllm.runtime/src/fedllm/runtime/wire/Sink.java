package fedllm.runtime.wire;

import fedllm.api.tensor.Unit;

/** Takes what arrives, column block by column block, in the schema's order. */
@FunctionalInterface
public interface Sink {

  /**
   * Takes {@code values[0..unit.length())}, in a buffer that the next call reuses; all finite,
   * unless the reader trusts its payload.
   */
  void accept(Unit unit, float[] values);

  /**
   * Where a block's plain values may be put at once, from the block's offset on; {@link #accept} is
   * not called for it then. Null where the sink wants to see them.
   */
  default float[] room(Unit unit) {
    return null;
  }
}
