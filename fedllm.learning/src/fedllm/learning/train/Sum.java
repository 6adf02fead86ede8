package fedllm.learning.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Part;
import fedllm.learning.kernel.Kernel;

/** A sum of gradients, shaped as what is trained. One thread. */
final class Sum {

  static final Part PART =
      Part.of(
          """
            def add_share(self: __torch__.K, share: Tensor, sum: List[Tensor], g: List[Tensor]) -> Tensor:
              torch._foreach_add_(sum, g, alpha=float(torch.item(share)))
              return share
          """);

  private final LanguageModel model;
  private final NDManager owner;
  private final NDList total = new NDList();

  /** Zero; {@code owner} has it. */
  Sum(Descent.Round round, NDManager owner) {
    this.model = round.model();
    this.owner = owner;
    for (NDArray value : round.values()) {
      total.add(owner.zeros(value.getShape()));
    }
    Kernel.list("sum", total);
  }

  /** Adds a multiple of gradients; {@code scratch} has what this needs for a moment. */
  void add(NDManager scratch, double share, NDList gradients) {
    NDList arguments = new NDList(scratch.create(new double[] {share}));
    arguments.addAll(total);
    arguments.addAll(Kernel.list("g", gradients));
    model.call("add_share", arguments);
  }

  /** A loss, and then the sum. */
  NDList after(float loss) {
    NDList result = new NDList(owner.create(loss));
    result.addAll(total);
    return result;
  }
}
