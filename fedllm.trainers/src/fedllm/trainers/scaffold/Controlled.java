package fedllm.trainers.scaffold;

import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.train.Correction;
import fedllm.learning.train.GradientTraining;
import fedllm.learning.train.Phase;
import fedllm.learning.train.PrivateTensors;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One client's training, and its control variate c_i: zero until it has taken part. */
final class Controlled implements Training, Stateful {

  private static final String CONTROL = "fedllm.control";

  private static final String TEXT =
      """
          torch._foreach_add_(sum, g)
          torch._foreach_add_(g, drift)
      """;

  private final GradientTraining training;
  private final PrivateTensors own;

  Controlled(GradientTraining training) {
    this.training = training;
    own = new PrivateTensors(training);
  }

  @Override
  public Start initial() {
    Start start = training.initial();
    return new Start(
        together(start.tensors(), new Tensors(start.tensors().schema())), start.files());
  }

  @Override
  public Learned train(Work work, Tensors global) {
    Tensors x = model(global);
    Tensors c = control(global, x.schema());
    Tensors before = own.values().orElseGet(() -> new Tensors(x.schema()));
    Tensors after = new Tensors(x.schema());
    Learned learned =
        training.train(
            work,
            x,
            Phase.WHOLE.with(
                new Correction(
                    TEXT,
                    Map.of("drift", c.copy().minus(before)),
                    Map.of("sum", (sum, steps) -> mean(sum, steps, after)))));
    own.keep(after);
    return new Learned(
        together(learned.update(), after.copy().minus(before)),
        learned.examples(),
        learned.metrics());
  }

  private static void mean(Tensors sum, long steps, Tensors to) {
    for (int t = 0; t < sum.schema().tensors().size(); t++) {
      float[] values = sum.values(t);
      for (int i = 0; i < values.length; i++) {
        to.values(t)[i] = values[i] / steps;
      }
    }
  }

  @Override
  public Tensors view(Work work, Tensors global) {
    return training.view(work, model(global));
  }

  /** What is no control variate. */
  private static Tensors model(Tensors both) {
    return both.only(tensor -> !tensor.module().startsWith(CONTROL));
  }

  /** The control variate, named as what it belongs to. */
  private static Tensors control(Tensors both, Schema model) {
    List<float[]> values = new ArrayList<>();
    for (Tensor tensor : model.tensors()) {
      values.add(both.values(controlOf(tensor).name()));
    }
    return new Tensors(model, values);
  }

  private static Tensors together(Tensors model, Tensors control) {
    List<Tensor> tensors = new ArrayList<>(model.schema().tensors());
    List<float[]> values = new ArrayList<>();
    for (int t = 0; t < model.schema().tensors().size(); t++) {
      values.add(model.values(t));
    }
    for (Tensor tensor : model.schema().tensors()) {
      tensors.add(controlOf(tensor));
      values.add(control.values(tensor.name()));
    }
    return new Tensors(new Schema(tensors), values);
  }

  private static Tensor controlOf(Tensor tensor) {
    String module = tensor.module().isEmpty() ? CONTROL : CONTROL + "." + tensor.module();
    return new Tensor(module, tensor.parameter(), tensor.shape());
  }

  @Override
  public void snapshot(DataOutput out) throws IOException {
    own.snapshot(out);
  }

  @Override
  public void restore(DataInput in) throws IOException {
    own.restore(in);
  }

  @Override
  public void close() {
    training.close();
  }
}
