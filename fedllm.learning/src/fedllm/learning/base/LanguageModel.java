package fedllm.learning.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.learning.kernel.Kernel;
import fedllm.learning.model.Head;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Parameter;
import fedllm.learning.text.Batch;
import java.util.Arrays;
import java.util.List;

/**
 * A base with adapters, ready to compute. Its weights are shared, its values are whatever the
 * caller gives. Used by one thread at a time.
 */
public final class LanguageModel implements AutoCloseable {

  private static final Part ANSWERS =
      Part.of(
          """
            def outputs(self: __torch__.K, b: List[Tensor], w: List[Tensor], p: List[Tensor]) -> Tensor:
              f = (self).frame(b)
              h = (self).hidden(f, [b[3]], w, p)
              return (self).logits(h, f, w, p)
            def next(self: __torch__.K, b: List[Tensor], kv: List[Tensor], w: List[Tensor], p: List[Tensor]) -> Tensor:
              f = (self).frame(b)
              h = (self).hidden(f, kv, w, p)
              return (self).logits(torch.select(h, 1, -1), f, w, p)
          """);

  private final Base base;
  private final int places;
  private final NDManager manager;
  private final Script script;
  private final Kernel kernel;
  private final Schema schema;

  /** Takes over {@code base}, to be closed with it. */
  public LanguageModel(Base base, Adapter adapter, Part... parts) {
    this(base, List.of(adapter), parts);
  }

  /**
   * Takes over {@code base}, to be closed with it.
   *
   * @param adapters what is added; at one site, one after the other
   * @param parts further methods
   */
  public LanguageModel(Base base, List<Adapter> adapters, Part... parts) {
    List<Adapter> all = adapters.stream().flatMap(adapter -> adapter.all().stream()).toList();
    base.checkHead(all);
    this.base = base;
    this.places = all.stream().mapToInt(Adapter::places).sum();
    this.manager = base.manager().newSubManager();
    this.script =
        new Script(
            base.architecture(),
            base.precision(),
            base.held().places(),
            all,
            Arrays.stream(parts).anyMatch(Part::tapes));
    StringBuilder text = new StringBuilder(script.text());
    text.append(Likelihood.gradient(script)).append(Likelihood.score(script));
    text.append(Likelihood.plain(script));
    text.append(ANSWERS.text(script));
    for (Part part : parts) {
      text.append(part.text(script));
    }
    this.kernel = Kernel.compile(manager, text.toString());
    this.schema = script.schema();
  }

  /** The base. */
  public Base base() {
    return base;
  }

  /** What is trained, in the order of the list argument {@code p}. */
  public Schema schema() {
    return schema;
  }

  /** How many places the adapters put before each text. */
  public int places() {
    return places;
  }

  /** A text with the adapters' places before it, as a batch has it. */
  public int[] placed(int[] ids) {
    int[] placed = new int[places + ids.length];
    Arrays.setAll(placed, i -> i < places ? -1 - i : ids[i - places]);
    return placed;
  }

  /** The first values, the same wherever they are made. */
  public Tensors initial(long seed) {
    Tensors values = new Tensors(schema);
    for (int i = 0; i < schema.tensors().size(); i++) {
      Tensor tensor = schema.tensors().get(i);
      Parameter.Fill fill = script.parameters().get(i).first();
      Philox random = Philox.of(seed, 0, "", 0, tensor.name());
      if (fill instanceof Parameter.OfBase ofBase) {
        ofBase.fill(base, random, values.values(i));
      } else {
        fill.fill(random, values.values(i));
      }
    }
    return values;
  }

  /** An owner of arrays that goes with this model if nobody closes it before. */
  public NDManager newManager() {
    return manager.newSubManager();
  }

  /**
   * Values as the list argument {@code name}, owned by {@code owner}; their ranks may be other ones
   * than the schema's.
   */
  public NDList list(NDManager owner, String name, Tensors values) {
    if (!fits(values.schema())) {
      throw new IllegalArgumentException("the adapter has other tensors: " + schema);
    }
    NDList list = new NDList();
    for (int i = 0; i < schema.tensors().size(); i++) {
      List<Long> sizes = values.schema().tensors().get(i).shape();
      long[] shape = sizes.stream().mapToLong(Long::longValue).toArray();
      list.add(owner.create(values.values(i), new Shape(shape)));
    }
    if (list.isEmpty()) {
      list.add(owner.create(0f)); // an empty list argument cannot be passed; no method reads this
    }
    return Kernel.list(name, list);
  }

  private boolean fits(Schema other) {
    List<Tensor> tensors = schema.tensors();
    if (other.tensors().size() != tensors.size()) {
      return false;
    }
    for (int i = 0; i < tensors.size(); i++) {
      Parameter parameter = script.parameters().get(i);
      Tensor there = other.tensors().get(i);
      int axis = parameter.rankAxis();
      boolean ranked = axis >= 0 && there.shape().size() == parameter.shape().size();
      List<Long> shape = ranked ? parameter.shape(there.shape().get(axis)) : parameter.shape();
      if (!there.name().equals(tensors.get(i).name()) || !there.shape().equals(shape)) {
        return false;
      }
    }
    return true;
  }

  /**
   * A batch as the list argument {@code b}. Segments are left out where no position could see what
   * it must not: the engine's attention without a mask is the faster one.
   */
  public NDList batch(NDManager owner, Batch batch) {
    return Batches.list(owner, base.architecture(), batch);
  }

  /**
   * Tokens as the list argument {@code b}.
   *
   * @param segments which text of its row each token belongs to, from the first place on; null
   *     where each row is one text
   * @param types empty where all are 0
   * @param first the place of the first token; those before it are in the cache
   */
  public NDList batch(
      NDManager owner, int rows, long[] ids, long[] segments, long[] types, long first) {
    return Batches.list(owner, rows, ids, segments, types, first);
  }

  /**
   * Calls a method whose arguments start {@code b, labels, w, p}.
   *
   * @param step owns the result
   * @param gradients whether the method may ask for gradients
   * @param lists {@code p} and whatever comes after it
   */
  public NDList call(
      NDManager step, String method, boolean gradients, Batch batch, NDList... lists) {
    NDList arguments = batch(step, batch);
    arguments.add(Batches.matrix(step, batch.rows(), batch.labels()));
    arguments.addAll(base.weights());
    for (NDList list : lists) {
      arguments.addAll(list);
    }
    return kernel.call(method, gradients, arguments);
  }

  /**
   * Calls a method whose arguments start {@code b, w, p} or {@code b, kv, w, p}.
   *
   * @param before {@code b}, and {@code kv} where the method has it; the first one's manager owns
   *     the result
   * @param after {@code p} and whatever comes after it
   */
  public NDList call(String method, NDList before, NDList after) {
    NDList arguments = new NDList(before);
    arguments.addAll(base.weights());
    arguments.addAll(after);
    return kernel.call(method, false, arguments);
  }

  /** Calls a method that reads neither batch nor weights. */
  public NDList call(String method, NDList arguments) {
    return kernel.call(method, false, arguments);
  }

  /** Nats of all labels of a batch, summed. */
  public double score(Batch batch, NDList values) {
    double sum = 0;
    for (double likelihood : likelihoods(batch, values)) {
      sum -= likelihood;
    }
    return sum;
  }

  /** What the model thinks of the labels of each row, in nats below zero. */
  public double[] likelihoods(Batch batch, NDList values) {
    try (NDManager step = newManager()) {
      NDArray rows = call(step, "score", false, batch, values).head();
      return rows.toType(DataType.FLOAT64, false).toDoubleArray();
    }
  }

  /** All logits of a batch: those of the model's {@link Head}, row by row. */
  public float[] outputs(Batch batch, NDList values) {
    try (NDManager step = newManager()) {
      return call("outputs", batch(step, batch), values).head().toFloatArray();
    }
  }

  /** An empty cache of keys and values, as the list argument {@code kv}, for so many tokens. */
  public NDList cache(NDManager owner, int rows, int length) {
    NDList cache = new NDList();
    var attention = base.architecture().attention();
    Shape shape = new Shape(rows, attention.keyHeads(), length, attention.width());
    for (int i = 0; i < 2 * base.architecture().layers(); i++) {
      cache.add(owner.zeros(shape));
    }
    return Kernel.list("kv", cache);
  }

  /**
   * Reads tokens behind those in the cache, and puts them there.
   *
   * @param tokens made by {@link #batch(NDManager, int, long[], long[], long[], long)}
   * @param cache made by {@link #cache}
   * @return the logits of each row's next token, [rows, vocabulary], owned by the tokens' manager
   * @throws IllegalArgumentException when the text {@linkplain
   *     fedllm.learning.model.Architecture#rereads must be read anew} from its first token on
   */
  public NDArray next(NDList tokens, NDList cache, NDList values) {
    Lengths.check(base.architecture(), tokens);
    NDList before = new NDList(tokens);
    before.addAll(cache);
    return call("next", before, values).head();
  }

  /** The logits of the token that follows {@code ids}. */
  public float[] logits(int[] ids, NDList values) {
    try (NDManager step = newManager()) {
      return next(Batches.text(step, placed(ids), 0), Batches.none(step), values).toFloatArray();
    }
  }

  @Override
  public void close() {
    kernel.close();
    manager.close();
    base.close();
  }
}
