package fedllm.learning.train;

import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A training whose optimizer goes on, round after round, with what it remembers. */
final class KeptTraining implements Training, Stateful {

  private final LocalTraining training;
  private List<float[]> memory = List.of();

  KeptTraining(LocalTraining training) {
    this.training = training;
  }

  @Override
  public Start initial() {
    return training.initial();
  }

  @Override
  public Learned train(Work work, Tensors global) {
    return training.train(work, global, memory, steps -> memory = List.copyOf(steps.memory()));
  }

  @Override
  public void snapshot(DataOutput out) throws IOException {
    out.writeInt(memory.size());
    for (float[] values : memory) {
      ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
      bytes.asFloatBuffer().put(values);
      out.writeInt(values.length);
      out.write(bytes.array());
    }
  }

  @Override
  public void restore(DataInput in) throws IOException {
    List<float[]> read = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      float[] values = new float[in.readInt()];
      byte[] bytes = new byte[Math.multiplyExact(values.length, Float.BYTES)];
      in.readFully(bytes);
      ByteBuffer.wrap(bytes).asFloatBuffer().get(values);
      read.add(values);
    }
    memory = List.copyOf(read);
  }

  @Override
  public void close() {
    training.close();
  }
}
