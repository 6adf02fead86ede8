package fedllm.trainers.adamw;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.kernel.Kernel;

/** AdamW's moments in one round, and the call that takes a step. Used by one thread. */
final class Descent {

  private static final String METHODS =
      """
        def adamw(self: __torch__.K, rate: Tensor, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor]) -> Tensor:
          norms = annotate(List[Tensor], [])
          for x in g:
            _0 = torch.append(norms, torch.linalg_vector_norm(x))
          norm = torch.linalg_vector_norm(torch.stack(norms))
          if torch.gt(CLIP, 0.):
            for x in g:
              _1 = torch.mul_(x, torch.clamp_max(CLIP / (norm + 9.9999999999999995e-07), 1.))
          for n in t:
            _2 = torch.add_(n, 1)
          torch._fused_adamw_(p, g, m, v, annotate(List[Tensor], []), t, lr=float(torch.item(rate)), beta1=BETA1, beta2=BETA2, weight_decay=DECAY, eps=EPSILON, amsgrad=False, maximize=False)
          return norm
      """;

  private final LanguageModel model;
  private final NDList values;
  private final NDList first;
  private final NDList second;
  private final NDList steps;

  /** The script's text, with a job's numbers in it. */
  static String methods(AdamW.Config config) {
    return METHODS
        .replace("CLIP", Double.toString(config.clipNorm()))
        .replace("BETA1", Double.toString(config.beta1()))
        .replace("BETA2", Double.toString(config.beta2()))
        .replace("DECAY", Double.toString(config.weightDecay()))
        .replace("EPSILON", Double.toString(config.epsilon()));
  }

  /** Starts at {@code values}, which its steps change; {@code round} owns the moments. */
  Descent(LanguageModel model, NDManager round, NDList values) {
    this.model = model;
    this.values = values;
    first = new NDList();
    second = new NDList();
    steps = new NDList();
    for (NDArray value : values) {
      first.add(round.zeros(value.getShape()));
      second.add(round.zeros(value.getShape()));
      steps.add(round.create(0f));
    }
    Kernel.list("m", first);
    Kernel.list("v", second);
    Kernel.list("t", steps);
  }

  /** One step against {@code gradients}, which are used up. */
  void step(NDManager step, double rate, NDList gradients) {
    NDList arguments = new NDList(step.create(new double[] {rate}));
    arguments.addAll(values);
    arguments.addAll(Kernel.list("g", gradients));
    arguments.addAll(first);
    arguments.addAll(second);
    arguments.addAll(steps);
    model.call("adamw", arguments);
  }
}
