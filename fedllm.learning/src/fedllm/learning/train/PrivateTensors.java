package fedllm.learning.train;

import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Values that a client keeps to itself from round to round; none at first. Their snapshot has what
 * the training inside remembers, too. One thread.
 */
public final class PrivateTensors implements Stateful {

  private static final int NONE = -1;

  private final GradientTraining inside;
  private Tensors values;

  /** None yet, around a training. */
  public PrivateTensors(GradientTraining inside) {
    this.inside = inside;
  }

  /** What was kept last. */
  public Optional<Tensors> values() {
    return Optional.ofNullable(values);
  }

  /** Takes these over in the place of what was kept before. */
  public void keep(Tensors next) {
    values = next;
  }

  @Override
  public void snapshot(DataOutput out) throws IOException {
    out.writeInt(values == null ? NONE : values.schema().tensors().size());
    if (values != null) {
      for (Tensor tensor : values.schema().tensors()) {
        write(out, tensor, values.values(tensor.name()));
      }
    }
    if (inside instanceof Stateful stateful) {
      stateful.snapshot(out);
    }
  }

  private static void write(DataOutput out, Tensor tensor, float[] values) throws IOException {
    out.writeUTF(tensor.module());
    out.writeUTF(tensor.parameter());
    out.writeInt(tensor.shape().size());
    for (long size : tensor.shape()) {
      out.writeLong(size);
    }
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
    bytes.asFloatBuffer().put(values);
    out.write(bytes.array());
  }

  @Override
  public void restore(DataInput in) throws IOException {
    int count = in.readInt();
    List<Tensor> tensors = new ArrayList<>();
    List<float[]> arrays = new ArrayList<>();
    for (int left = count; left > 0; left--) {
      String module = in.readUTF();
      String parameter = in.readUTF();
      List<Long> shape = new ArrayList<>();
      for (int sizes = in.readInt(); sizes > 0; sizes--) {
        shape.add(in.readLong());
      }
      Tensor tensor = new Tensor(module, parameter, shape);
      float[] array = new float[Math.toIntExact(tensor.size())];
      byte[] bytes = new byte[Math.multiplyExact(array.length, Float.BYTES)];
      in.readFully(bytes);
      ByteBuffer.wrap(bytes).asFloatBuffer().get(array);
      tensors.add(tensor);
      arrays.add(array);
    }
    values = count == NONE ? null : new Tensors(new Schema(tensors), arrays);
    if (inside instanceof Stateful stateful) {
      stateful.restore(in);
    }
  }
}
