package fedllm.trainers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import fedllm.api.data.Example;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Reading;
import fedllm.learning.base.Script;
import fedllm.learning.model.Head;
import fedllm.learning.model.Site;
import fedllm.learning.objective.ExampleGradients;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.models.llama.Llama;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.Everywhere;
import fedllm.testkit.learning.RandomModel;
import fedllm.trainers.causallm.CausalLm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExampleGradientsTest {

  private static final String CONFIG =
      """
      {"model_type": "llama", "hidden_size": 16, "intermediate_size": 24,
       "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
       "vocab_size": 23, "tie_word_embeddings": true, "max_position_embeddings": 64}
      """;

  private static final List<Row> ROWS =
      List.of(
          Row.next(new int[] {3, 1, 4, 1, 5, 9, 2, 6, 5}, 1),
          Row.next(new int[] {2, 7, 1, 8}, 1),
          Row.next(new int[] {7, 22, 11, 5, 8, 13}, 3),
          Row.next(new int[] {1, 2}, 1));

  @TempDir Path folder;

  private boolean taped;
  private final Bases bases = new Bases(List.of(new Llama()));

  @BeforeEach
  void write() throws Exception {
    new RandomModel(new Llama(), CONFIG, Head.TOKENS, folder).write(folder.resolve("model"));
  }

  /**
   * What is trained: thin matrices, wide ones, one pair for all layers, or something everywhere.
   */
  private static Adapter adapter(String kind, Base base) {
    List<Site> sites =
        base.architecture().sites().stream()
            .filter(site -> site.kind() == Site.Kind.LINEAR)
            .toList();
    Parameter.Fill fill = (random, values) -> random.addNormals(0, 0.2f, values, values.length);
    List<Graft> grafts = new ArrayList<>();
    switch (kind) {
      case "thin" -> sites.forEach(site -> grafts.add(Everywhere.at(site)));
      case "wide" ->
          sites.forEach(
              site -> {
                List<Long> shape = List.of((long) site.out(), (long) site.in());
                Parameter whole = new Parameter("D", "D.weight", shape, fill);
                grafts.add(new Graft(site, List.of(whole), "y + linear(x, D)"));
              });
      case "shared" -> {
        List<Parameter> common =
            List.of(
                new Parameter("A", "shared_A.weight", List.of(3L, 16L), fill),
                new Parameter("B", "shared_B.weight", List.of(16L, 3L), fill));
        sites.stream()
            .filter(site -> site.in() == 16 && site.out() == 16)
            .forEach(site -> grafts.add(new Graft(site, List.of(), "y + linear(linear(x, A), B)")));
        return new Adapter(common, grafts, 0, Map.of());
      }
      default -> {
        return Everywhere.of(base.architecture());
      }
    }
    return new Adapter(grafts, Map.of());
  }

  @ParameterizedTest
  @ValueSource(strings = {"thin", "wide", "shared", "everywhere"})
  void normsAreThoseOfEachExampleAlone(String kind) {
    try (LanguageModel model = model(kind);
        NDManager step = model.newManager()) {
      assertEquals(!kind.equals("everywhere"), taped);
      double[] exact = call(model, step, "exact_norms", new long[] {0, 1, 2, 3, 4}).get(0);
      double[] norms = call(model, step, "example_norms", new long[] {0, 1, 2, 3, 4}).get(0);
      assertEquals(4, norms.length);
      for (int i = 0; i < exact.length; i++) {
        assertEquals(exact[i], norms[i], 1e-5 * exact[i]);
      }
      double[] pairs = call(model, step, "exact_norms", new long[] {0, 2, 4}).get(0);
      double[] paired = call(model, step, "example_norms", new long[] {0, 2, 4}).get(0);
      for (int i = 0; i < pairs.length; i++) {
        assertEquals(pairs[i], paired[i], 1e-5 * pairs[i]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"thin", "wide", "shared", "everywhere"})
  void noExampleCountsForMoreThanTheBound(String kind) {
    try (LanguageModel model = model(kind);
        NDManager step = model.newManager()) {
      long[] all = {0, 1, 2, 3, 4};
      double[] norms = call(model, step, "exact_norms", all).get(0);
      double bound = (norms[0] + norms[1]) / 2;
      List<double[]> exact = call(model, step, "exact_clipped", all, bound);
      List<double[]> clipped = call(model, step, "clipped", all, bound);
      for (int i = 0; i < norms.length; i++) {
        assertEquals(exact.get(0)[i], clipped.get(0)[i], 1e-5);
      }
      for (int t = 2; t < exact.size(); t++) {
        for (int i = 0; i < exact.get(t).length; i++) {
          assertEquals(exact.get(t)[i], clipped.get(t)[i], 2e-5 * bound);
        }
      }
      for (int i = 0; i < norms.length; i++) {
        double alone = 0;
        for (double[] values :
            call(model, step, "clipped", new long[] {0, 1}, bound, i).stream().skip(2).toList()) {
          for (double value : values) {
            alone += value * value;
          }
        }
        assertEquals(Math.min(bound, norms[i]), Math.sqrt(alone), 1e-5 * bound);
      }
    }
  }

  @Test
  void goesBackOnceForEachExampleWhereTheLossReadsWhatIsTrained() {
    Objective.Goal goal = goal();
    assertTrue(ExampleGradients.of(goal).tapes());
    String decayed = goal.loss().replace("return ", "x = torch.sum(now[0])\n    return x + ");
    Objective.Goal other =
        new Objective.Goal() {
          @Override
          public List<Row> rows(Example example, long number) {
            throw new UnsupportedOperationException();
          }

          @Override
          public String loss() {
            return decayed;
          }
        };
    assertTrue(!ExampleGradients.of(other).tapes());
  }

  private Objective.Goal goal() {
    try (Base base = bases.open(folder.resolve("model"))) {
      return new CausalLm().open(TestOptions.none(), new Reading(base, 32, false));
    }
  }

  /** Tells whether there is a tape. */
  private String look(Script script) {
    taped = script.multiplies();
    return "";
  }

  private LanguageModel model(String kind) {
    Objective.Goal goal = goal();
    Base base = bases.open(folder.resolve("model"));
    return new LanguageModel(
        base, adapter(kind, base), Gradient.of(goal), ExampleGradients.of(goal), this::look);
  }

  private static List<double[]> call(
      LanguageModel model, NDManager step, String method, long[] ends, double... bound) {
    NDList p = model.list(step, "p", model.initial(1));
    NDList start = model.list(step, "start", model.initial(1));
    NDList rest = new NDList(step.create(ends));
    if (bound.length > 0) {
      rest.add(step.create(bound[0]));
    }
    List<Row> rows = bound.length > 1 ? List.of(ROWS.get((int) bound[1])) : ROWS;
    List<double[]> result = new ArrayList<>();
    for (NDArray one : model.call(step, method, true, Batch.of(rows), p, start, rest)) {
      result.add(one.toType(DataType.FLOAT64, false).toDoubleArray());
    }
    return result;
  }
}
