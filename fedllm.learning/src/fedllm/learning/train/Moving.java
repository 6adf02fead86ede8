package fedllm.learning.train;

import ai.djl.ndarray.NDList;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Which tensors steps move. Immutable. */
public final class Moving {

  private final List<Integer> places = new ArrayList<>();
  private final Schema schema;
  private final boolean all;

  Moving(Schema trained, Predicate<Tensor> moves) {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < trained.tensors().size(); i++) {
      if (moves.test(trained.tensors().get(i))) {
        places.add(i);
        tensors.add(trained.tensors().get(i));
      }
    }
    if (tensors.isEmpty() && !trained.tensors().isEmpty()) {
      throw new SitsOut("there is nothing to train among " + trained);
    }
    schema = new Schema(tensors);
    all = tensors.size() == trained.tensors().size();
  }

  /** They alone. */
  public Schema schema() {
    return schema;
  }

  /** Theirs, of a list that has an array for each that is trained. */
  public NDList of(NDList trained) {
    if (all) {
      return trained;
    }
    NDList moving = new NDList();
    places.forEach(place -> moving.add(trained.get(place)));
    return moving;
  }
}
