package fedllm.demo;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.learning.base.Script;
import fedllm.learning.kernel.Kernel;
import fedllm.learning.kernel.Torch;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Weight;
import fedllm.learning.text.Batch;
import java.util.ArrayList;
import java.util.List;

/**
 * Trains all weights of a model from scratch, by AdamW. One thread and random numbers of our own:
 * the same machine makes the same bytes. Used by one thread.
 */
final class Pretraining implements AutoCloseable {

  private static final String METHODS =
      """
        def gradient(self: __torch__.K, b: List[Tensor], labels: Tensor, w: List[Tensor]) -> List[Tensor]:
          now = annotate(List[Tensor], [])
          for t in w:
            _0 = torch.append(now, torch.requires_grad_(torch.detach(t), True))
          f = (self).frame(b)
          h = (self).hidden(f, [labels], now, now)
          z = (self).logits(torch.reshape(h, [-1, torch.size(h, -1)]), f, now, now)
          loss = torch.cross_entropy_loss(z, torch.reshape(labels, [-1]), None, 1, -100, 0.)
          result = [torch.detach(loss)]
          for g in torch.grad([loss], now):
            if torch.__isnot__(g, None):
              _1 = torch.append(result, unchecked_cast(Tensor, g))
          return result
        def adamw(self: __torch__.K, rate: Tensor, w: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor]) -> Tensor:
          norms = annotate(List[Tensor], [])
          for x in g:
            _0 = torch.append(norms, torch.linalg_vector_norm(x))
          norm = torch.linalg_vector_norm(torch.stack(norms))
          for x in g:
            _1 = torch.mul_(x, torch.clamp_max(1. / (norm + 9.9999999999999995e-07), 1.))
          for n in t:
            _2 = torch.add_(n, 1)
          torch._fused_adamw_(w, g, m, v, annotate(List[Tensor], []), t, lr=float(torch.item(rate)), beta1=0.9, beta2=0.95, weight_decay=0.1, eps=1e-08, amsgrad=False, maximize=False)
          return norm
      """;

  private final Schema schema;
  private final NDManager manager = Torch.newManager();
  private final Kernel kernel;
  private final NDList weights = new NDList();
  private final NDList first = new NDList();
  private final NDList second = new NDList();
  private final NDList steps = new NDList();

  Pretraining(Architecture architecture, long seed) {
    schema = new Schema(architecture.weights().stream().map(Weight::tensor).toList());
    kernel = Kernel.compile(manager, Script.of(architecture).text() + METHODS);
    for (Tensor weight : schema.tensors()) {
      Shape shape = new Shape(weight.shape());
      weights.add(manager.create(Blueprint.start(weight, seed), shape));
      first.add(manager.zeros(shape));
      second.add(manager.zeros(shape));
      steps.add(manager.create(0f));
    }
    Kernel.list("w", weights);
    Kernel.list("m", first);
    Kernel.list("v", second);
    Kernel.list("t", steps);
  }

  /** One step; the loss before it, in nats per token. */
  double step(Batch batch, double rate) {
    try (NDManager step = manager.newSubManager()) {
      Shape shape = new Shape(batch.rows(), batch.length());
      NDArray none = step.zeros(new Shape(0), DataType.INT64);
      NDList arguments =
          Kernel.list(
              "b", new NDList(step.create(batch.ids(), shape), none, none, step.create(0L)));
      arguments.add(step.create(batch.labels(), shape));
      arguments.addAll(weights);
      NDList result = kernel.call("gradient", true, arguments);
      descend(step, rate, result.subNDList(1));
      return result.head().getFloat();
    }
  }

  private void descend(NDManager step, double rate, NDList gradients) {
    NDList arguments = new NDList(step.create(new double[] {rate}));
    arguments.addAll(weights);
    arguments.addAll(Kernel.list("g", gradients));
    arguments.addAll(first);
    arguments.addAll(second);
    arguments.addAll(steps);
    kernel.call("adamw", false, arguments);
  }

  /** The weights as they are now. */
  Tensors weights() {
    List<float[]> values = new ArrayList<>();
    for (NDArray weight : weights) {
      values.add(weight.toFloatArray());
    }
    return new Tensors(schema, values);
  }

  @Override
  public void close() {
    kernel.close();
    manager.close();
  }
}
