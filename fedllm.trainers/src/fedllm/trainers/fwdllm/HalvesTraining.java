package fedllm.trainers.fwdllm;

import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.train.Floats;
import fedllm.learning.train.LocalTraining;
import fedllm.learning.train.Phase;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Training that sends two estimates of the gradient, and remembers where the state went last. */
final class HalvesTraining implements Training, Stateful {

  private final LocalTraining local;
  private final FwdLlm.Look look;

  /** The state that was last learned from, and where the last one that was another went. */
  private List<float[]> seen = List.of();

  private List<float[]> went = List.of();

  HalvesTraining(LocalTraining local, FwdLlm.Look look) {
    this.local = local;
    this.look = look;
  }

  @Override
  public Start initial() {
    return local.initial();
  }

  @Override
  public Learned train(Work work, Tensors global) {
    if (look.chooses()) {
      notice(global);
      look.bearing(went.isEmpty() ? Bearing.NONE : new Bearing(new Tensors(global.schema(), went)));
    }
    Tensors[] means = new Tensors[1];
    Learned learned =
        local.train(
            work, global, Phase.WHOLE, false, List.of(), steps -> means[0] = look.halves().means());
    return new Learned(means[0], learned.examples(), learned.metrics());
  }

  /** A state that has not moved says nothing of where it went. */
  private void notice(Tensors global) {
    List<float[]> now = values(global);
    if (same(seen, now)) {
      return;
    }
    if (!seen.isEmpty()) {
      went = values(new Tensors(global.schema(), seen).minus(global)); // the old one is used up
    }
    seen = now;
  }

  private static List<float[]> values(Tensors tensors) {
    Schema schema = tensors.schema();
    List<float[]> values = new ArrayList<>();
    for (int t = 0; t < schema.tensors().size(); t++) {
      values.add(tensors.values(t).clone());
    }
    return values;
  }

  private static boolean same(List<float[]> one, List<float[]> other) {
    return Arrays.deepEquals(one.toArray(), other.toArray());
  }

  @Override
  public void snapshot(DataOutput out) throws IOException {
    Floats.write(out, seen);
    Floats.write(out, went);
  }

  @Override
  public void restore(DataInput in) throws IOException {
    seen = Floats.read(in);
    went = Floats.read(in);
  }

  @Override
  public void close() {
    local.close();
  }
}
