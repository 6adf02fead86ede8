package fedllm.runtime.wire;

import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import java.io.IOException;

/** Where the values to send come from, so that nobody has to hold them all. */
@FunctionalInterface
public interface Blocks {

  /** Writes a column block's values to {@code values[0..unit.length())}. */
  void read(Unit unit, float[] values) throws IOException;

  /** Takes {@code count} values from {@code from} on, which stay as they are. */
  @FunctionalInterface
  interface Copy {
    void take(float[] values, int from, int count);
  }

  /** Gives a block's values to somebody who copies them; {@code spare} has room for the block. */
  default void copy(Unit unit, float[] spare, Copy copy) throws IOException {
    read(unit, spare);
    copy.take(spare, 0, unit.length());
  }

  /** The values of tensors in memory. */
  static Blocks of(Tensors tensors) {
    return new Blocks() {
      @Override
      public void read(Unit unit, float[] values) {
        copy(unit, values, (all, from, count) -> System.arraycopy(all, from, values, 0, count));
      }

      @Override
      public void copy(Unit unit, float[] spare, Copy copy) {
        copy.take(
            tensors.values(unit.tensor().name()), Math.toIntExact(unit.offset()), unit.length());
      }
    };
  }
}
