package fedllm.trainers.dpo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Training;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Part;
import fedllm.learning.base.Reading;
import fedllm.learning.model.Head;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import fedllm.learning.peft.Adapter;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.models.llama.Llama;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.Everywhere;
import fedllm.testkit.learning.RandomModel;
import fedllm.trainers.SmallClient;
import fedllm.trainers.adamw.AdamW;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DpoTest {

  private static final String CONFIG =
      """
      {"model_type": "llama", "hidden_size": 16, "intermediate_size": 24,
       "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
       "vocab_size": 23, "tie_word_embeddings": true, "max_position_embeddings": 64}
      """;

  private static final List<Example> PAIRS =
      List.of(
          pair(new int[] {3, 1, 4, 1, 5}, new int[] {3, 1, 9, 2}),
          pair(new int[] {2, 7, 1}, new int[] {2, 7, 18, 2, 8, 1, 8}),
          pair(new int[] {1, 4, 1, 4, 2}, new int[] {1, 7, 3, 2, 0}));

  @TempDir Path folder;

  private final Bases bases = new Bases(List.of(new Llama()));

  @BeforeEach
  void write() throws Exception {
    new RandomModel(new Llama(), CONFIG, Head.TOKENS, folder).write(folder.resolve("model"));
  }

  /** A loss whose gradient is that of one row's log-likelihood. */
  private record Sum() implements Objective.Goal {
    @Override
    public List<Row> rows(Example example, long number) {
      throw new UnsupportedOperationException("tests make their own rows");
    }

    @Override
    public String loss() {
      return "    return torch.sum((self).log_likelihoods(hidden, f, labels, w, now))\n";
    }
  }

  @ParameterizedTest
  @CsvSource({"0.1, 0, false", "0.5, 0.2, false", "0.5, 0.2, true"})
  void isWhatThePaperSays(double beta, double smoothing, boolean checkpoint) {
    Objective.Goal goal = goal(Map.of("beta", beta, "labelSmoothing", smoothing));
    List<Row> rows = new ArrayList<>();
    PAIRS.forEach(pair -> rows.addAll(goal.rows(pair, 1)));
    double[] bare;
    try (LanguageModel base = model(Adapter.NONE);
        NDManager owner = base.newManager()) {
      bare = base.likelihoods(Batch.of(rows), base.list(owner, "p", base.initial(1)));
    }
    double[] ours;
    List<List<float[]>> gradients = new ArrayList<>();
    try (LanguageModel model = model(null, Gradient.of(new Sum()));
        NDManager owner = model.newManager()) {
      NDList p = model.list(owner, "p", model.initial(1));
      ours = model.likelihoods(Batch.of(rows), p);
      for (Row row : rows) {
        gradients.add(gradient(model, Batch.of(List.of(row))));
      }
    }
    double loss = 0;
    double[] slopes = new double[rows.size()];
    for (int i = 0; i < rows.size(); i += 2) {
      double d = beta * (ours[i] - bare[i] - (ours[i + 1] - bare[i + 1]));
      loss +=
          ((1 - smoothing) * Math.log1p(Math.exp(-d)) + smoothing * Math.log1p(Math.exp(d))) / 3;
      double slope = (smoothing / (1 + Math.exp(-d)) - (1 - smoothing) / (1 + Math.exp(d))) / 3;
      slopes[i] = beta * slope;
      slopes[i + 1] = -beta * slope;
    }
    Part part = checkpoint ? Gradient.checkpointed(goal) : Gradient.of(goal);
    try (LanguageModel model = model(null, part)) {
      List<float[]> actual = gradient(model, Batch.of(rows));
      assertEquals(loss, actual.get(0)[0], 2e-5);
      for (int t = 1; t < actual.size(); t++) {
        for (int j = 0; j < actual.get(t).length; j++) {
          double expected = 0;
          for (int i = 0; i < slopes.length; i++) {
            expected += slopes[i] * gradients.get(i).get(t)[j];
          }
          assertEquals(expected, actual.get(t)[j], 2e-4 * (0.1 + Math.abs(expected)));
        }
      }
    }
  }

  @Test
  void refusesSingleAnswersAndRowsThatArePacked() {
    Objective.Goal goal = goal(Map.of());
    SitsOut out =
        assertThrows(SitsOut.class, () -> goal.rows(new Example.Tokens(new int[] {1, 2, 3}), 7));
    assertTrue(out.getMessage().startsWith("example 7 "), out.getMessage());
    assertEquals(false, goal.packs());
    try (Base base = bases.open(folder.resolve("model"))) {
      assertThrows(SitsOut.class, () -> new Reading(base, 8, false).row(PAIRS.get(0), 1));
    }
  }

  @Test
  void learnsToPreferAndRefusesToPackByName() throws Exception {
    SmallClient small = new SmallClient(folder);
    Choice<Objective> dpo =
        new Choice<>(new Dpo(), TestOptions.of(Dpo.Config.class, Map.of("beta", 0.5)));
    Map<String, Object> options = Map.of("steps", 30, "batch", 3, "accumulate", 2);
    List<String> all = List.of("*");
    try (Training client = small.open(AdamW::new, dpo, "bank", PAIRS, all, options)) {
      Learned learned = SmallClient.train(client, 1);
      assertEquals(Math.log(2), learned.metrics().get("loss.first"), 1e-5);
      assertTrue(learned.metrics().get("loss.last") < 0.1, learned.metrics().toString());
    }
    Map<String, Object> packed = Map.of("pack", true);
    SitsOut out =
        assertThrows(
            SitsOut.class, () -> small.open(AdamW::new, dpo, "bank", PAIRS, all, packed).close());
    assertTrue(out.getMessage().contains("trainer.pack"), out.getMessage());
  }

  private static Example pair(int[] chosen, int[] rejected) {
    return new Example.Preference(new Example.Tokens(chosen), new Example.Tokens(rejected));
  }

  private Objective.Goal goal(Map<String, Object> options) {
    try (Base base = bases.open(folder.resolve("model"))) {
      return new Dpo()
          .open(TestOptions.of(Dpo.Config.class, options), new Reading(base, 32, false));
    }
  }

  private LanguageModel model(Adapter adapter, Part... parts) {
    Base base = bases.open(folder.resolve("model"));
    return new LanguageModel(
        base, adapter == null ? Everywhere.of(base.architecture()) : adapter, parts);
  }

  private static List<float[]> gradient(LanguageModel model, Batch batch) {
    try (NDManager step = model.newManager()) {
      Tensors values = model.initial(1);
      NDList p = model.list(step, "p", values);
      NDList start = model.list(step, "start", values);
      return model.call(step, "gradient", true, batch, p, start).stream()
          .map(NDArray::toFloatArray)
          .toList();
    }
  }
}
