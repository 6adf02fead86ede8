package fedllm.trainers.fwdllm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.learning.kernel.Kernel;
import fedllm.learning.seeds.Direction;
import fedllm.learning.train.Descent;
import fedllm.learning.train.Perturbation;
import java.util.ArrayList;
import java.util.List;

/** A round's slopes along directions, in two sums that take turns. */
final class Halves {

  private final Schema schema;
  private final NDList[] sums = new NDList[2];
  private final Perturbation[] moves = new Perturbation[2];
  private final int[] counts = new int[2];
  private int next;

  /** Both zero, for as long as the round. */
  Halves(Descent.Round round) {
    schema = round.moving().schema();
    for (int half = 0; half < 2; half++) {
      NDList zeros = new NDList();
      for (NDArray value : round.values()) {
        zeros.add(round.owner().zeros(value.getShape()));
      }
      sums[half] = Kernel.list("p", zeros);
      moves[half] = new Perturbation(round.model(), sums[half]);
    }
  }

  /** Adds a direction by its slope. */
  void add(Direction v, double slope) {
    moves[next].move(v, slope);
    counts[next]++;
    next = 1 - next;
  }

  /** Both means; while the round's arrays are there. */
  Tensors means() {
    if (counts[1] == 0) {
      throw new SitsOut("trainer fwdllm needs two directions in a round; raise trainer.steps");
    }
    List<Tensor> tensors = new ArrayList<>();
    List<float[]> values = new ArrayList<>();
    String[] names = {".first", ".second"};
    for (int t = 0; t < schema.tensors().size(); t++) {
      Tensor tensor = schema.tensors().get(t);
      for (int half = 0; half < 2; half++) {
        float[] mean = sums[half].get(t).toFloatArray();
        for (int i = 0; i < mean.length; i++) {
          mean[i] /= counts[half];
        }
        values.add(mean);
        tensors.add(new Tensor(tensor.module(), tensor.parameter() + names[half], tensor.shape()));
      }
    }
    return new Tensors(new Schema(tensors), values);
  }
}
