package fedllm.runtime.wire;

import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Gathers what arrives in memory, which grows only with what has arrived. */
public final class TensorSink implements Sink {

  private final List<float[]> tensors = new ArrayList<>();
  private final Tensors reused;

  /** Takes as much memory as has arrived. */
  public TensorSink() {
    this(null);
  }

  /** Fills the arrays of tensors that nobody needs any more, where they fit; null for none. */
  public TensorSink(Tensors reused) {
    this.reused = reused;
  }

  @Override
  public void accept(Unit unit, float[] values) {
    System.arraycopy(values, 0, room(unit), Math.toIntExact(unit.offset()), unit.length());
  }

  @Override
  public float[] room(Unit unit) {
    if (unit.offset() == 0) {
      tensors.add(fits(unit.tensor()) ? reused.values(tensors.size()) : new float[unit.length()]);
    }
    int at = Math.toIntExact(unit.offset());
    float[] all = tensors.get(tensors.size() - 1);
    if (all.length < at + unit.length()) {
      long size = Math.min(unit.tensor().size(), Math.max(2L * all.length, at + unit.length()));
      all = Arrays.copyOf(all, Math.toIntExact(size));
      tensors.set(tensors.size() - 1, all);
    }
    return all;
  }

  /** What arrived; the schema is {@link PayloadReader#schema}, and the payload must have ended. */
  public Tensors tensors(Schema schema) {
    return new Tensors(schema, tensors);
  }

  private boolean fits(Tensor tensor) {
    return reused != null
        && tensors.size() < reused.schema().tensors().size()
        && reused.schema().tensors().get(tensors.size()).equals(tensor);
  }
}
