package fedllm.learning.base;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.learning.kernel.Kernel;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import fedllm.learning.text.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A base with an adapter, ready to compute. Its weights are shared, its values are whatever the
 * caller gives. Used by one thread at a time.
 */
public final class LanguageModel implements AutoCloseable {

  /** What files of adapters put before a module's name. */
  private static final String PREFIX = "base_model.model.";

  /** Rows of logits that are in memory at one time. */
  private static final int ROWS = 256;

  private static final String METHODS =
      """
        def logits(self: __torch__.K, ids: Tensor, w: List[Tensor], p: List[Tensor]) -> Tensor:
          return torch.linear((self).hidden(ids, w, p), (self).head(w))
        def last(self: __torch__.K, ids: Tensor, w: List[Tensor], p: List[Tensor]) -> Tensor:
          h = torch.select((self).hidden(ids, w, p), 1, -1)
          return torch.linear(h, (self).head(w))
        def score(self: __torch__.K, ids: Tensor, labels: Tensor, w: List[Tensor], p: List[Tensor]) -> Tensor:
          hidden = (self).hidden(ids, w, p)
          h = torch.reshape(hidden, [-1, torch.size(hidden, -1)])
          t = torch.reshape(labels, [-1])
          n = torch.size(h, 0)
          total = torch.zeros([1], dtype=7)
          i = 0
          while torch.lt(i, n):
            z = torch.linear(torch.slice(h, 0, i, i + ROWS), (self).head(w))
            nats = torch.cross_entropy_loss(z, torch.slice(t, 0, i, i + ROWS), None, 2, -100, 0.)
            _0 = torch.add_(total, nats)
            i = i + ROWS
          return total
      """
          .replace("ROWS", Integer.toString(ROWS));

  private final Base base;
  private final Adapter adapter;
  private final NDManager manager;
  private final Kernel kernel;
  private final Schema schema;

  /**
   * Takes over {@code base}, to be closed with it.
   *
   * @param methods further TorchScript methods, which may call those of the model
   */
  public LanguageModel(Base base, Adapter adapter, String... methods) {
    this.base = base;
    this.adapter = adapter;
    this.manager = base.manager().newSubManager();
    String script = new Script(base.architecture(), adapter).text();
    this.kernel = Kernel.compile(manager, script + METHODS + String.join("", methods));
    List<Tensor> tensors = new ArrayList<>();
    for (Graft graft : adapter.grafts()) {
      for (Parameter parameter : graft.parameters()) {
        tensors.add(new Tensor(PREFIX + graft.at().name(), parameter.name(), parameter.shape()));
      }
    }
    this.schema = new Schema(tensors);
  }

  /** The base. */
  public Base base() {
    return base;
  }

  /** What is trained, in the order of the list argument {@code p}. */
  public Schema schema() {
    return schema;
  }

  /** The first values, the same wherever they are made. */
  public Tensors initial(long seed) {
    Tensors values = new Tensors(schema);
    int tensor = 0;
    for (Graft graft : adapter.grafts()) {
      for (Parameter parameter : graft.parameters()) {
        String name = schema.tensors().get(tensor).name();
        parameter.first().fill(Philox.of(seed, 0, "", 0, name), values.values(tensor++));
      }
    }
    return values;
  }

  /** An owner of arrays that goes with this model if nobody closes it before. */
  public NDManager newManager() {
    return manager.newSubManager();
  }

  /** Values as the list argument {@code name}, owned by {@code owner}. */
  public NDList list(NDManager owner, String name, Tensors values) {
    if (!values.schema().equals(schema)) {
      throw new IllegalArgumentException("the adapter has other tensors: " + schema);
    }
    NDList list = new NDList();
    for (int i = 0; i < schema.tensors().size(); i++) {
      long[] shape = schema.tensors().get(i).shape().stream().mapToLong(Long::longValue).toArray();
      list.add(owner.create(values.values(i), new Shape(shape)));
    }
    if (list.isEmpty()) {
      list.add(owner.create(0f)); // an empty list argument cannot be passed; no method reads this
    }
    return Kernel.list(name, list);
  }

  /**
   * Calls a method whose arguments start {@code ids, labels, w, p}.
   *
   * @param step owns the result
   * @param gradients whether the method may ask for gradients
   * @param lists {@code p} and whatever comes after it
   */
  public NDList call(
      NDManager step, String method, boolean gradients, Batch batch, NDList... lists) {
    Shape shape = new Shape(batch.rows(), batch.length());
    NDList arguments =
        new NDList(step.create(batch.ids(), shape), step.create(batch.labels(), shape));
    arguments.addAll(base.weights());
    for (NDList list : lists) {
      arguments.addAll(list);
    }
    return kernel.call(method, gradients, arguments);
  }

  /** Calls a method of the scripts given at the start that reads neither batch nor weights. */
  public NDList call(String method, NDList arguments) {
    return kernel.call(method, false, arguments);
  }

  /** Nats of all labels of a batch, summed. */
  public double score(Batch batch, NDList values) {
    try (NDManager step = newManager()) {
      return call(step, "score", false, batch, values).head().toDoubleArray()[0];
    }
  }

  /** The logits of the token that follows {@code ids}. */
  public float[] logits(int[] ids, NDList values) {
    try (NDManager step = newManager()) {
      NDList arguments =
          new NDList(
              step.create(Arrays.stream(ids).asLongStream().toArray(), new Shape(1, ids.length)));
      arguments.addAll(base.weights());
      arguments.addAll(values);
      return kernel.call("last", false, arguments).head().toFloatArray();
    }
  }

  /**
   * Goes on with {@code ids} by the likeliest token each time.
   *
   * @param length how long the text may be altogether
   * @return the whole text, with {@code end} where that came
   */
  public int[] greedy(int[] ids, int length, int end, NDList values) {
    int[] text = Arrays.copyOf(ids, Math.max(ids.length, Math.min(length, context())));
    for (int n = ids.length; n < text.length; n++) {
      text[n] = likeliest(logits(Arrays.copyOf(text, n), values));
      if (text[n] == end) {
        return Arrays.copyOf(text, n + 1);
      }
    }
    return text;
  }

  private int context() {
    return base.architecture().context();
  }

  private static int likeliest(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[best]) {
        best = i;
      }
    }
    return best;
  }

  @Override
  public void close() {
    kernel.close();
    manager.close();
    base.close();
  }
}
