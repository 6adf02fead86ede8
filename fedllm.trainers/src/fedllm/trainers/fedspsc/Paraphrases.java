package fedllm.trainers.fedspsc;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Part;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A silo's own questions that have the same parameters as a given one, which is the same numbers,
 * and how similar they are: the cosine of the means of the base's own embeddings of their tokens.
 */
final class Paraphrases {

  /** What a model's script needs for {@link #embedding}. */
  static final Part PART =
      Part.of(
          """
            def mean_embedding(self: __torch__.K, b: List[Tensor], w: List[Tensor], p: List[Tensor]) -> Tensor:
              return torch.mean((self).embed((self).frame(b), w, p), [1])
          """);

  private final LanguageModel model;
  private final NDList none;

  Paraphrases(LanguageModel model, NDList none) {
    this.model = model;
    this.none = none;
  }

  /** A question to ask, as the model reads it, and how similar it is to the one that is meant. */
  record Similar(String prompt, float similarity) {}

  /**
   * For each prompt itself and then the most similar others of a pool, the nearest first.
   *
   * @param most of each, itself counted
   */
  List<List<Similar>> of(List<String> prompts, Stream<Example> pool, int most) {
    Map<List<BigDecimal>, List<Integer>> byNumbers = new HashMap<>();
    List<List<Similar>> found = new ArrayList<>();
    List<double[]> embeddings = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      byNumbers.computeIfAbsent(Numbers.of(prompts.get(i)), n -> new ArrayList<>()).add(i);
      found.add(new ArrayList<>(List.of(new Similar(prompts.get(i), 1))));
      embeddings.add(embedding(prompts.get(i)));
    }
    Iterator<Example> examples = pool.iterator();
    for (long number = 1; most > 1 && examples.hasNext(); number++) {
      String prompt = prompt(examples.next(), number);
      List<Integer> same = byNumbers.getOrDefault(Numbers.of(prompt), List.of());
      double[] embedding = same.isEmpty() ? null : embedding(prompt);
      for (int question : same) {
        if (!prompt.equals(prompts.get(question))) {
          float similarity = (float) cosine(embedding, embeddings.get(question));
          add(found.get(question), new Similar(prompt, similarity), most);
        }
      }
    }
    return found;
  }

  private static void add(List<Similar> nearest, Similar found, int most) {
    List<Similar> others = nearest.subList(1, nearest.size());
    others.add(found);
    others.sort( // the text decides where nothing else does, so that the pool's order does not
        Comparator.comparingDouble(Similar::similarity).reversed().thenComparing(Similar::prompt));
    if (nearest.size() > most) {
      nearest.remove(most);
    }
  }

  private static String prompt(Example example, long number) {
    if (example instanceof Example.Text text && !text.prompt().isBlank()) {
      return text.prompt();
    }
    throw new SitsOut(
        "example " + number + " is no text with a prompt; use a template that makes such");
  }

  private double[] embedding(String text) {
    int[] ids = model.base().tokenizer().encode(text);
    int context = model.base().architecture().context();
    long[] fed = Arrays.stream(ids).limit(context).asLongStream().toArray();
    try (NDManager step = model.newManager()) {
      NDList batch = model.batch(step, 1, fed, null, new long[0], 0);
      float[] mean = model.call("mean_embedding", batch, none).head().toFloatArray();
      double[] values = new double[mean.length];
      Arrays.setAll(values, i -> mean[i]);
      return values;
    }
  }

  /** From 0, for nothing in common, to 1. */
  static double cosine(double[] a, double[] b) {
    double ab = 0;
    double aa = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += a[i] * b[i];
      aa += a[i] * a[i];
      bb += b[i] * b[i];
    }
    double cosine = ab / Math.sqrt(aa * bb);
    return cosine > 0 ? Math.min(1, cosine) : 0; // also where one is all zero
  }
}
