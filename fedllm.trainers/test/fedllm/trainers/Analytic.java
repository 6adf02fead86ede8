package fedllm.trainers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Work;
import fedllm.learning.kernel.Kernel;
import fedllm.learning.kernel.Torch;
import fedllm.learning.train.Corrections;
import fedllm.learning.train.GradientTraining;
import fedllm.learning.train.Phase;
import java.util.Map;

/** Plain gradient steps on a loss whose gradient is known, as trainers of models take theirs. */
record Analytic(Tensors first, int steps, double rate, Slope slope, Phase.Change change)
    implements GradientTraining {

  /** A loss. */
  @FunctionalInterface
  interface Slope {
    /** Writes the gradient at {@code w}. */
    void at(Tensors w, Tensors gradient);
  }

  Analytic(Tensors first, int steps, double rate, Slope slope) {
    this(first, steps, rate, slope, Phase.Change.NONE);
  }

  @Override
  public Start initial() {
    return new Start(first.copy(), Map.of());
  }

  @Override
  public Learned train(Work work, Tensors global) {
    return train(work, global, Phase.WHOLE);
  }

  @Override
  public Learned train(Work work, Tensors from, Phase asked) {
    Phase phase = change.of(from, asked);
    Tensors w = from.copy();
    Tensors gradient = new Tensors(from.schema());
    Schema moving = new Schema(from.schema().tensors().stream().filter(phase.moves()).toList());
    try (NDManager owner = Torch.newManager()) {
      NDList p = Kernel.list("p", arrays(owner, moving, w));
      Corrections.AtWork corrections =
          new Corrections(owner).begin(owner, phase.corrections(), moving, p);
      long end = (long) (phase.to() * steps);
      for (long step = (long) (phase.from() * steps); step < end; step++) {
        slope.at(w, gradient);
        try (NDManager scratch = owner.newSubManager()) {
          NDList g = arrays(scratch, moving, gradient);
          corrections.correct(scratch, g);
          for (int t = 0; t < p.size(); t++) {
            p.get(t).subi(g.get(t).mul(rate));
          }
        }
        for (int t = 0; t < p.size(); t++) {
          float[] values = p.get(t).toFloatArray();
          System.arraycopy(values, 0, w.values(moving.tensors().get(t).name()), 0, values.length);
        }
      }
      corrections.end();
    }
    return new Learned(w.minus(from), 1, Map.of());
  }

  private static NDList arrays(NDManager owner, Schema schema, Tensors values) {
    NDList arrays = new NDList();
    for (Tensor tensor : schema.tensors()) {
      long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
      NDArray array = owner.create(values.values(tensor.name()).clone(), new Shape(shape));
      arrays.add(array);
    }
    return arrays;
  }

  @Override
  public GradientTraining with(Phase.Change more) {
    return new Analytic(first, steps, rate, slope, change.then(more));
  }
}
