package fedllm.testkit.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensors;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Part;
import fedllm.learning.base.Precision;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.model.Site;
import fedllm.learning.peft.Adapter;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/** A random model with an adapter and its values. */
record Grafted(
    Map<String, float[]> weights,
    Adapter adapter,
    LanguageModel model,
    Tensors tensors,
    NDList values)
    implements AutoCloseable {

  Batch batch(int[]... texts) {
    return Batch.of(Stream.of(texts).map(t -> Row.next(more(t), 1)).toList(), model.places());
  }

  /** One token more, so that all of the text is fed. */
  private static int[] more(int[] text) {
    return Arrays.copyOf(text, text.length + 1);
  }

  double[] likelihoods(int[]... texts) {
    List<Row> rows = Stream.of(texts).map(text -> Row.next(text, 1)).toList();
    return model.likelihoods(Batch.of(rows, model.places()), values);
  }

  List<float[]> gradient(int[]... texts) {
    try (NDManager step = model.newManager()) {
      NDList start = model.list(step, "start", tensors);
      List<Row> rows = Stream.of(texts).map(text -> Row.next(text, 1)).toList();
      Batch batch = Batch.of(rows, model.places());
      return model.call(step, "gradient", true, batch, values, start).stream()
          .map(NDArray::toFloatArray)
          .toList();
    }
  }

  Map<String, double[]> wide() {
    Map<String, double[]> wide = new HashMap<>();
    for (int t = 0; t < tensors.schema().tensors().size(); t++) {
      wide.put(tensors.schema().tensors().get(t).name(), PlainLlama.wide(tensors.values(t)));
    }
    return wide;
  }

  PlainLlama plain(PlainMethod method, Map<String, double[]> wide) {
    PlainMethod.Values byName =
        new PlainMethod.Values() {
          @Override
          public double[] of(Site at, String name) {
            return wide.get(Adapter.PREFIX + "." + at.name() + "." + name);
          }

          @Override
          public double[] common(String name) {
            return wide.get(name);
          }
        };
    return new PlainLlama(model.base().architecture(), weights, method, byName);
  }

  /** The mean over all labels of all texts. */
  double loss(PlainMethod method, Map<String, double[]> wide) {
    PlainLlama plain = plain(method, wide);
    double nats = 0;
    int labels = 0;
    for (int[] text : FamilyContract.texts()) {
      int[] fed = model.placed(Arrays.copyOf(text, text.length - 1));
      double[][] logits = plain.logits(fed);
      for (int t = 1; t < text.length; t++) {
        double[] at = logits[model.places() + t - 1];
        double sum = Arrays.stream(at).map(Math::exp).sum();
        nats += Math.log(sum) - at[text[t]];
        labels++;
      }
    }
    return nats / labels;
  }

  @Override
  public void close() {
    model.close();
  }

  /**
   * Opens one.
   *
   * @param off the deviation of what is added to the adapter's first values
   */
  static Grafted open(
      ModelFamily family,
      String config,
      Precision precision,
      Function<Architecture, Adapter> method,
      float off,
      Part... parts)
      throws IOException {
    Path scratch = Files.createTempDirectory("peft");
    RandomModel random = new RandomModel(family, config, Head.TOKENS, scratch);
    Path folder = random.write(scratch.resolve("model"));
    Base base = new Bases(List.of(family)).open(folder, Head.TOKENS, precision);
    Adapter adapter = method.apply(base.architecture());
    LanguageModel model = new LanguageModel(base, adapter, parts);
    Tensors tensors = model.initial(5);
    for (int t = 0; t < tensors.schema().tensors().size(); t++) {
      float[] values = tensors.values(t);
      Philox.of(1, 0, "", t, "moved").addNormals(0, off, values, values.length);
    }
    NDList p = model.list(model.newManager(), "p", tensors);
    return new Grafted(random.weights(), adapter, model, tensors, p);
  }
}
