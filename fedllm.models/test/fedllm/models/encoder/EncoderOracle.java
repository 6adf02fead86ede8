package fedllm.models.encoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensors;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.model.Site;
import fedllm.learning.objective.Gradient;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.models.encoder.PlainEncoder.Product;
import fedllm.testkit.learning.PlainLoss;
import fedllm.testkit.learning.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a family of encoders computes, compared with a forward pass in plain Java. */
public interface EncoderOracle {

  int VOCABULARY = 23;
  int CLASSES = 3;

  /** The family. */
  ModelFamily family();

  /** Its {@code config.json}. */
  String config();

  /** Whether it tells two kinds of tokens apart. */
  boolean typed();

  /** The model in plain Java. */
  PlainEncoder plain(Map<String, float[]> weights, Map<String, Product> products);

  /** The logits of a head: one row for each token, or one row. */
  double[][] logits(PlainEncoder plain, Head.Kind head, double[][] hidden);

  static Stream<Head> heads() {
    return Stream.of(
        new Head(Head.Kind.SEQUENCE_CLASSES, CLASSES),
        new Head(Head.Kind.TOKEN_CLASSES, CLASSES),
        Head.TOKENS);
  }

  @ParameterizedTest
  @MethodSource("fedllm.models.encoder.EncoderOracle#heads")
  default void agreesWithAForwardPassInPlainJava(Head head) throws IOException {
    Path folder = Files.createTempDirectory("encoder");
    RandomModel random = new RandomModel(family(), config(), head, folder);
    Base base = new Bases(List.of(family())).open(random.write(folder.resolve("model")), head);
    try (LanguageModel model = new LanguageModel(base, Adapter.NONE);
        NDManager owner = model.newManager()) {
      NDList none = model.list(owner, "p", model.initial(1));
      for (Row row : rows(head, typed())) {
        float[] logits = model.outputs(Batch.of(List.of(row)), none);
        double[] expected = flat(expected(random.weights(), Map.of(), head, row));
        assertEquals(expected.length, logits.length);
        for (int i = 0; i < expected.length; i++) {
          assertEquals(expected[i], logits[i], 2e-5 * Math.max(1, Math.abs(expected[i])));
        }
      }
      Batch batch = Batch.of(rows(head, typed()));
      double loss = loss(random.weights(), Map.of(), head, rows(head, typed()));
      assertEquals(loss, model.score(batch, none) / batch.targets(), 1e-5);
    }
  }

  @ParameterizedTest
  @MethodSource("fedllm.models.encoder.EncoderOracle#heads")
  default void givesTheGradientsThatFiniteDifferencesGive(Head head) throws IOException {
    Path folder = Files.createTempDirectory("encoder");
    RandomModel random = new RandomModel(family(), config(), head, folder);
    Base base = new Bases(List.of(family())).open(random.write(folder.resolve("model")), head);
    Adapter adapter = everywhere(base.architecture());
    try (LanguageModel model =
            new LanguageModel(base, adapter, Gradient.checkpointed(new PlainLoss(head.kind())));
        NDManager step = model.newManager()) {
      Tensors values = model.initial(3);
      NDList p = model.list(step, "p", values);
      NDList start = model.list(step, "start", values);
      Batch batch = Batch.of(rows(head, typed()));
      NDList result = model.call(step, "gradient", true, batch, p, start);
      assertEquals(loss(random, head, values, -1, 0, 0), result.head().getFloat(), 1e-5);
      for (int t = 0; t < values.schema().tensors().size(); t++) {
        float[] gradient = result.get(t + 1).toFloatArray();
        int i = gradient.length / 2;
        double expected =
            (loss(random, head, values, t, i, 1e-4) - loss(random, head, values, t, i, -1e-4))
                / 2e-4;
        assertEquals(
            expected,
            gradient[i],
            1e-6 + 1e-4 * Math.abs(expected),
            values.schema().tensors().get(t).name());
      }
    }
  }

  private double loss(
      RandomModel random, Head head, Tensors values, int tensor, int i, double shift) {
    Map<String, Product> products = new HashMap<>();
    Map<String, double[]> at = new HashMap<>();
    for (int t = 0; t < values.schema().tensors().size(); t++) {
      float[] narrow = values.values(t);
      double[] wide = IntStream.range(0, narrow.length).mapToDouble(j -> narrow[j]).toArray();
      if (t == tensor) {
        wide[i] += shift;
      }
      String name = values.schema().tensors().get(t).name().substring("base_model.model.".length());
      at.put(name, wide);
      if (name.endsWith(".B.weight")) {
        String site = name.substring(0, name.length() - ".B.weight".length());
        products.put(site, new Product(at.get(site + ".A.weight"), wide));
      }
    }
    return loss(random.weights(), products, head, rows(head, typed()));
  }

  private double loss(
      Map<String, float[]> weights, Map<String, Product> products, Head head, List<Row> rows) {
    double nats = 0;
    int count = 0;
    for (Row row : rows) {
      double[][] logits = expected(weights, products, head, row);
      for (int t = 0; t < logits.length; t++) {
        if (row.labels()[t] != Batch.NONE) {
          double sum = Arrays.stream(logits[t]).map(Math::exp).sum();
          nats += Math.log(sum) - logits[t][row.labels()[t]];
          count++;
        }
      }
    }
    return nats / count;
  }

  private double[][] expected(
      Map<String, float[]> weights, Map<String, Product> products, Head head, Row row) {
    PlainEncoder plain = plain(weights, products);
    return logits(plain, head.kind(), plain.hidden(row.ids(), row.types()));
  }

  private static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }

  /** Of different lengths, some of two kinds of tokens. */
  private static List<Row> rows(Head head, boolean typed) {
    List<Row> rows = new ArrayList<>();
    for (int[] ids : new int[][] {{3, 1, 4, 1, 5, 9, 2, 6, 5}, {2, 7, 1, 8}, {7, 22, 11, 5, 8}}) {
      int[] labels =
          switch (head.kind()) {
            case SEQUENCE_CLASSES -> new int[] {ids[0] % CLASSES};
            case TOKEN_CLASSES -> Arrays.stream(ids).map(id -> id % CLASSES).toArray();
            case TOKENS -> Arrays.stream(ids).map(id -> (id + 5) % VOCABULARY).toArray();
          };
      if (labels.length > 1) {
        labels[2] = (int) Batch.NONE;
      }
      boolean pair = typed && ids.length != 4;
      int[] types = IntStream.range(0, ids.length).map(i -> i < 3 ? 0 : 1).toArray();
      rows.add(new Row(ids, labels, pair ? types : new int[0]));
    }
    return rows;
  }

  /** A thin product beside every linear layer, the head's too, neither factor zero. */
  private static Adapter everywhere(Architecture model) {
    List<Graft> grafts = new ArrayList<>();
    for (Site at : model.sites()) {
      if (at.kind() == Site.Kind.LINEAR) {
        Parameter a = parameter("A", List.of(2L, (long) at.in()));
        Parameter b = parameter("B", List.of((long) at.out(), 2L));
        grafts.add(new Graft(at, List.of(a, b), "y + 1.5 * linear(linear(x, A), B)"));
      }
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
