package fedllm.learning.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import fedllm.api.error.SitsOut;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Part;
import fedllm.learning.kernel.Kernel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a {@link Rule} remembers in one round, and the call that takes its step. One thread. */
public final class Optimizer {

  private static final String STEP =
      """
        def step(self: __torch__.K, eta: Tensor, p: List[Tensor], g: List[Tensor]MEMORY) -> Tensor:
          norms = annotate(List[Tensor], [])
          for x in g:
            _0 = torch.append(norms, torch.linalg_vector_norm(x))
          norm = torch.linalg_vector_norm(torch.stack(norms))
          if torch.gt(CLIP, 0.):
            for x in g:
              _1 = torch.mul_(x, torch.clamp_max(CLIP / (norm + 9.9999999999999995e-07), 1.))
          rate = float(torch.item(eta))
      RULE    return norm
      """;

  private final LanguageModel model;
  private final NDList values;
  private final NDList memory = new NDList();

  /** The method; {@code clipNorm} is the longest gradient, 0 for no bound. */
  public static Part part(Rule rule, double clipNorm) {
    StringBuilder lists = new StringBuilder();
    rule.memory().forEach(m -> lists.append(", ").append(m.name()).append(": List[Tensor]"));
    return Part.of(
        STEP.replace("CLIP", Double.toString(clipNorm))
            .replace("MEMORY", lists)
            .replace("RULE", rule.text()));
  }

  /**
   * Starts at those of {@code round}'s values that move.
   *
   * @param before what an earlier one remembered; empty for nothing
   */
  Optimizer(Rule rule, Descent.Round round, List<float[]> before) {
    this(rule, round.model(), round.owner(), round.moving().of(round.values()), before);
  }

  /**
   * Starts at some of the values that a model computes with.
   *
   * @param owner of what it remembers
   * @param values those that move, elements of the list argument {@code p}
   * @param before what an earlier one remembered; empty for nothing
   */
  public Optimizer(
      Rule rule, LanguageModel model, NDManager owner, NDList values, List<float[]> before) {
    this.model = model;
    this.values = values;
    int next = 0;
    for (Rule.Memory one : rule.memory()) {
      NDList list = new NDList();
      for (NDArray value : values) {
        List<Long> like = Arrays.stream(value.getShape().getShape()).boxed().toList();
        Shape shape = new Shape(one.shape().apply(like));
        if (!before.isEmpty() && before.get(next).length != shape.size()) {
          throw new SitsOut(
              "trainer.keepState goes on with an optimizer's memory of other ranks than this order"
                  + " gives; set it to false where ranks change");
        }
        list.add(before.isEmpty() ? owner.zeros(shape) : owner.create(before.get(next++), shape));
      }
      memory.addAll(Kernel.list(one.name(), list));
    }
  }

  /**
   * One step against {@code gradients}, which are used up.
   *
   * @return how long the gradient was, before it was clipped
   */
  public double step(NDManager owner, double rate, NDList gradients) {
    NDList arguments = new NDList(owner.create(new double[] {rate}));
    arguments.addAll(values);
    arguments.addAll(Kernel.list("g", gradients));
    arguments.addAll(memory);
    return model.call("step", arguments).head().getFloat();
  }

  /** What it remembers now, for the next one. */
  public List<float[]> memory() {
    List<float[]> all = new ArrayList<>();
    for (NDArray one : memory) {
      all.add(one.toFloatArray());
    }
    return all;
  }
}
