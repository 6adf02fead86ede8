package fedllm.models.llama;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensors;
import fedllm.format.Dtype;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.Site;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class LlamaTest {

  private static final int RANK = 2;

  private static final String PLAIN_LOSS =
      """
          z = torch.flatten((self).logits(hidden, f, w, now), 0, 1)
          return torch.cross_entropy_loss(z, torch.flatten(labels), None, 1, -100, 0.)
      """;

  private static final Objective.Goal GOAL =
      new Objective.Goal() {
        @Override
        public List<Row> rows(Example example, long number) {
          return List.of();
        }

        @Override
        public String loss() {
          return PLAIN_LOSS;
        }
      };

  /** Of different lengths, so that a batch of them is padded. */
  private static final int[][] TEXTS = {
    {3, 1, 4, 1, 5, 9, 2, 6, 5}, {2, 7, 1, 8}, {0, 22, 11, 5, 8, 13}
  };

  @TempDir Path folder;

  private final Bases bases = new Bases(List.of(new Llama()));

  static Stream<Shape> shapes() {
    return Stream.of(
        new Shape(16, 24, 2, 4, 4, 23, true),
        new Shape(16, 24, 2, 4, 2, 23, false),
        new Shape(24, 10, 1, 6, 1, 23, true));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void agreesWithAForwardPassInPlainJava(Shape shape) throws Exception {
    RandomLlama llama = new RandomLlama(shape, folder);
    Oracle oracle = new Oracle(shape, llama.weights(), Map.of());
    try (LanguageModel model = new LanguageModel(bases.open(llama.write(folder)), Adapter.NONE);
        NDManager owner = model.newManager()) {
      NDList none = model.list(owner, "p", new Tensors(new Schema(List.of())));
      for (int[] text : TEXTS) {
        double[] expected = oracle.logits(text)[text.length - 1];
        float[] logits = model.logits(text, none);
        for (int i = 0; i < expected.length; i++) {
          assertEquals(expected[i], logits[i], 2e-5 * Math.max(1, Math.abs(expected[i])));
        }
      }
      Batch batch = batch();
      assertEquals(oracle.loss(TEXTS), model.score(batch, none) / batch.targets(), 1e-5);
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void givesTheGradientsThatFiniteDifferencesGive(Shape shape) throws Exception {
    RandomLlama llama = new RandomLlama(shape, folder);
    Base base = bases.open(llama.write(folder));
    Adapter adapter = everywhere(base.architecture().sites());
    try (LanguageModel model = new LanguageModel(base, adapter, Gradient.of(GOAL));
        NDManager step = model.newManager()) {
      Tensors values = model.initial(3);
      NDList p = model.list(step, "p", values);
      NDList start = model.list(step, "start", values);
      NDList result = model.call(step, "gradient", true, batch(), p, start);
      assertEquals(loss(llama, values), result.head().getFloat(), 1e-5);
      assertEquals(values.schema().tensors().size(), result.size() - 1);
      for (int t = 0; t < result.size() - 1; t++) {
        float[] gradient = result.get(t + 1).toFloatArray();
        int i = gradient.length / 2;
        double expected = difference(llama, values, t, i);
        assertEquals(
            expected, gradient[i], 1e-6 + 1e-4 * Math.abs(expected), "of " + values.schema());
      }
    }
  }

  @Test
  void readsHalfPrecisionAndShardsAsItReadsOneFileOfFloats() throws Exception {
    Shape shape = new Shape(16, 24, 2, 4, 2, 23, false);
    for (Dtype dtype : List.of(Dtype.F16, Dtype.BF16)) {
      RandomLlama llama = new RandomLlama(shape, folder).rounded(dtype);
      Path whole = llama.write(folder.resolve(dtype + "-whole"));
      Path halves = llama.write(folder.resolve(dtype + "-half"), dtype, 3);
      assertArrayEquals(logits(whole), logits(halves), dtype.toString());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "hidden_act, '\"gelu\"'",
    "sliding_window, 4096",
    "quantization_config, '{}'",
    "num_key_value_heads, 3",
    "head_dim, 5",
    "num_hidden_layers, 0",
    "tie_word_embeddings, 1",
    "partial_rotary_factor, 0.5",
    "attention_bias, 1",
    "rope_theta, 1",
    "layer_types, '[\"full_attention\", \"sliding_attention\"]'",
    "attn_logit_softcapping, 50",
    "num_local_experts, 8",
    "logits_scaling, 8",
    "is_causal, false",
    "architectures, '[\"LlamaForQuestionAnswering\"]'"
  })
  void refusesWhatItCannotDoByTheKeysName(String key, String value) throws Exception {
    SitsOut out = refusal(key, value);
    assertTrue(
        out.getMessage().contains(folder.resolve("config.json") + ": " + key + " is "),
        out.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "rope_type, '\"rope_type\": \"spiral\"'",
    "type, '\"type\": \"ntk\"'",
    "type, '\"type\": \"linear\", \"rope_type\": \"dynamic\", \"factor\": 2'",
    "factor, '\"type\": \"linear\"'",
    "factor, '\"type\": \"linear\", \"factor\": 0.5'",
    "factor, '\"type\": \"linear\", \"factor\": \"2\"'",
    "factor, '\"type\": \"yarn\"'",
    "factor, '\"rope_type\": \"default\", \"factor\": 2'",
    "alpha, '\"type\": \"dynamic\", \"factor\": 2, \"alpha\": 1000'",
    "low_freq_factor, '\"rope_type\": \"llama3\", \"factor\": 8'",
    "original_max_position_embeddings, '\"rope_type\": \"dynamic\", \"factor\": 8,"
        + " \"original_max_position_embeddings\": 7'",
    "rope_theta, '\"rope_type\": \"default\", \"rope_theta\": 7'",
    "original_max_position_embeddings, '\"type\": \"longrope\", \"short_factor\": [1, 1],"
        + " \"long_factor\": [2, 2]'",
    "long_factor, '\"type\": \"su\", \"short_factor\": [1, 1], \"long_factor\": [2],"
        + " \"original_max_position_embeddings\": 16'",
    "factor, '\"type\": \"su\", \"short_factor\": [1, 1], \"long_factor\": [2, 2], \"factor\": 2,"
        + " \"original_max_position_embeddings\": 16'",
    "full_attention, '\"full_attention\": {\"rope_type\": \"default\"}'"
  })
  void refusesAScalingOfTheRotaryEmbeddingByItsKey(String key, String keys) throws Exception {
    for (String spelling : List.of("rope_scaling", "rope_parameters")) {
      SitsOut out = refusal(spelling, "{" + keys + "}");
      assertTrue(
          out.getMessage().contains("config.json: " + spelling + ": " + key + " is "),
          out.getMessage());
    }
  }

  private SitsOut refusal(String key, String value) throws Exception {
    Path file = folder.resolve("config.json");
    String config = new Shape(16, 24, 2, 4, 2, 23, false).config();
    String line = "\"" + key + "\": " + value;
    Files.writeString(file, config.strip().replaceFirst("}$", "," + line + "}"));
    return assertThrows(SitsOut.class, () -> new Llama().open(ModelConfig.read(file), Head.TOKENS));
  }

  @Test
  void sharesOneBaseAmongAllWhoHaveItOpen() throws Exception {
    RandomLlama llama = new RandomLlama(new Shape(16, 24, 1, 4, 2, 23, false), folder);
    Path here = llama.write(folder.resolve("here"));
    Path there = llama.write(folder.resolve("there"));
    Base first = bases.open(here);
    try (Base second = bases.open(there)) {
      assertTrue(first == second, "equal files were loaded twice");
    }
    try (Base third = bases.open(here)) {
      assertTrue(first == third, "a base went while it was in use");
    }
    first.close();
    try (Base fourth = bases.open(here)) {
      assertTrue(first != fourth, "a base stayed that nobody used");
    }
  }

  private float[] logits(Path path) {
    try (LanguageModel model = new LanguageModel(bases.open(path), Adapter.NONE);
        NDManager owner = model.newManager()) {
      NDList none = model.list(owner, "p", new Tensors(new Schema(List.of())));
      return model.logits(TEXTS[0], none);
    }
  }

  private static Batch batch() {
    return Batch.of(Stream.of(TEXTS).map(text -> Row.next(text, 1)).toList());
  }

  private static double difference(RandomLlama llama, Tensors values, int tensor, int i) {
    double[] shift = {1e-4, -1e-4};
    double[] loss = new double[2];
    for (int side = 0; side < 2; side++) {
      loss[side] = loss(llama, values, tensor, i, shift[side]);
    }
    return (loss[0] - loss[1]) / 2e-4;
  }

  private static double loss(RandomLlama llama, Tensors values) {
    return loss(llama, values, 0, 0, 0);
  }

  private static double loss(RandomLlama llama, Tensors values, int tensor, int i, double shift) {
    Map<String, Oracle.Product> products = new HashMap<>();
    for (int t = 0; t < values.schema().tensors().size(); t += 2) {
      String site =
          values.schema().tensors().get(t).module().substring("base_model.model.".length());
      double[] a = wide(values.values(t));
      double[] b = wide(values.values(t + 1));
      if (t == tensor) {
        a[i] += shift;
      }
      if (t + 1 == tensor) {
        b[i] += shift;
      }
      products.put(site, new Oracle.Product(a, b, RANK, 1.5));
    }
    return new Oracle(llama.shape(), llama.weights(), products).loss(TEXTS);
  }

  private static double[] wide(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  /** A thin product beside every linear layer, neither factor zero. */
  private static Adapter everywhere(List<Site> sites) {
    List<Graft> grafts = new ArrayList<>();
    for (Site at : sites.stream().filter(s -> s.kind() == Site.Kind.LINEAR).toList()) {
      Parameter a = parameter("A", List.of((long) RANK, (long) at.in()));
      Parameter b = parameter("B", List.of((long) at.out(), (long) RANK));
      grafts.add(new Graft(at, List.of(a, b), "y + 1.5 * linear(linear(x, A), B)"));
    }
    return new Adapter(grafts, Map.of());
  }

  private static Parameter parameter(String symbol, List<Long> shape) {
    return new Parameter(
        symbol,
        symbol + ".weight",
        shape,
        (Philox random, float[] values) -> random.addNormals(0, 0.2f, values, values.length));
  }
}
