package fedllm.privacy.secagg;

import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What a silo learned and has not sent yet. */
record Pending(Tensors update, long examples) {

  static void write(Pending pending, DataOutput out) throws IOException {
    out.writeBoolean(pending != null);
    if (pending == null) {
      return;
    }
    out.writeLong(pending.examples);
    List<Tensor> tensors = pending.update.schema().tensors();
    out.writeInt(tensors.size());
    for (int t = 0; t < tensors.size(); t++) {
      out.writeUTF(tensors.get(t).module());
      out.writeUTF(tensors.get(t).parameter());
      out.writeInt(tensors.get(t).shape().size());
      for (long size : tensors.get(t).shape()) {
        out.writeLong(size);
      }
      float[] values = pending.update.values(t);
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
      bytes.asFloatBuffer().put(values);
      out.write(bytes.array());
    }
  }

  /** Null where nothing was pending. */
  static Pending read(DataInput in) throws IOException {
    if (!in.readBoolean()) {
      return null;
    }
    long examples = in.readLong();
    List<Tensor> tensors = new ArrayList<>();
    List<float[]> values = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      String module = in.readUTF();
      String parameter = in.readUTF();
      List<Long> shape = new ArrayList<>();
      for (int sizes = in.readInt(); sizes > 0; sizes--) {
        shape.add(in.readLong());
      }
      Tensor tensor = new Tensor(module, parameter, shape);
      byte[] bytes = new byte[Math.toIntExact(4 * tensor.size())];
      in.readFully(bytes);
      float[] floats = new float[bytes.length / 4];
      ByteBuffer.wrap(bytes).asFloatBuffer().get(floats);
      tensors.add(tensor);
      values.add(floats);
    }
    return new Pending(new Tensors(new Schema(tensors), values), examples);
  }
}
