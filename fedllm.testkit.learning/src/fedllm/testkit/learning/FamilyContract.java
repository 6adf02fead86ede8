package fedllm.testkit.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.tensor.Tensors;
import fedllm.format.Dtype;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Part;
import fedllm.learning.base.Precision;
import fedllm.learning.base.Route;
import fedllm.learning.model.Head;
import fedllm.learning.model.Site;
import fedllm.learning.objective.Gradient;
import fedllm.learning.peft.Adapter;
import fedllm.learning.storage.Floating;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every model family keeps. A test of a family implements it; what the family computes is
 * compared with a forward pass in plain Java beside it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public interface FamilyContract extends ConfigContract, TrainingContract {

  /** Texts of {@code config.json}: small, a vocabulary of 23 or more, a context of 32 or more. */
  @Override
  Stream<String> configs();

  /** What the models are asked for. */
  @Override
  default Head head() {
    return Head.TOKENS;
  }

  /** How far bfloat16 may lead away, as a share of the largest output. */
  default double roundedShare() {
    return 0.05;
  }

  /** Of different lengths. */
  static int[][] texts() {
    return new int[][] {{3, 1, 4, 1, 5, 9, 2, 6, 5}, {2, 7, 1, 8}, {7, 22, 11, 5, 8, 13}};
  }

  @ParameterizedTest
  @MethodSource("configs")
  default void paddingChangesNothing(String config) throws IOException {
    try (Opened opened = open(config, Precision.FP32, false)) {
      double[] together = opened.model().likelihoods(batch(texts()), opened.values());
      for (int i = 0; i < texts().length; i++) {
        double alone = opened.model().likelihoods(batch(texts()[i]), opened.values())[0];
        assertEquals(alone, together[i], 2e-5 * Math.abs(alone));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  default void packedTextsDoNotSeeEachOther(String config) throws IOException {
    assumeTrue(head().kind() != Head.Kind.SEQUENCE_CLASSES, "one row, one class");
    try (Opened opened = open(config, Precision.FP32, false)) {
      Batch packed = Batch.pack(rows(texts()), 15, 0);
      assertTrue(packed.rows() < texts().length);
      double apart = opened.model().score(batch(texts()), opened.values());
      assertEquals(apart, opened.model().score(packed, opened.values()), 2e-5 * apart);
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  default void theCacheGivesWhatReadingTheWholeGives(String config) throws IOException {
    try (Opened opened = open(config, Precision.FP32, false);
        NDManager owner = opened.model().newManager()) {
      assumeTrue(opened.model().base().architecture().causal(), "only decoders go on");
      assumeTrue(head().kind() != Head.Kind.SEQUENCE_CLASSES, "a sequence's class has no next");
      int[] text = IntStream.range(0, 20).map(i -> 2 + i * 7 % 20).toArray();
      NDList cache = opened.model().cache(owner, 1, text.length);
      for (int[] piece : new int[][] {{0, 7}, {7, 8}, {8, 9}, {9, 14}, {14, 15}, {15, 20}}) {
        boolean anew = opened.model().base().architecture().rereads(piece[0], piece[1]);
        int from = anew ? 0 : piece[0];
        long[] fed = Arrays.stream(text, from, piece[1]).asLongStream().toArray();
        NDList tokens = opened.model().batch(owner, 1, fed, null, new long[0], from);
        float[] next = opened.model().next(tokens, cache, opened.values()).toFloatArray();
        float[] whole = opened.model().logits(Arrays.copyOf(text, piece[1]), opened.values());
        assertNear(whole, next, 2e-5);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  default void computingLayersAgainGivesTheSameGradients(String config) throws IOException {
    PlainLoss loss = new PlainLoss(head().kind());
    try (Opened kept = open(config, Precision.FP32, true, Gradient.of(loss));
        Opened again = open(config, Precision.FP32, true, Gradient.checkpointed(loss))) {
      List<float[]> expected = gradient(kept);
      List<float[]> actual = gradient(again);
      for (int i = 0; i < expected.size(); i++) {
        assertNear(expected.get(i), actual.get(i), 2e-5);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  default void somethingCanStandAtEverySite(String config) throws IOException {
    List<Site> sites;
    float[] bare;
    try (Opened opened = open(config, Precision.FP32, false)) {
      sites = opened.model().base().architecture().sites();
      bare = opened.model().outputs(batch(texts()), opened.values());
    }
    for (Site site : sites) {
      Adapter adapter = new Adapter(List.of(Everywhere.at(site)), Map.of());
      try (Opened opened = open(config, Precision.FP32, adapter)) {
        float[] changed = opened.model().outputs(batch(texts()), opened.values());
        assertFalse(Arrays.equals(bare, changed), site + " is not in the script");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  default void everyRouteComputesTheSameToItsPrecision(String config) throws IOException {
    float[] exact = outputs(config, Precision.FP32);
    assertNear(exact, outputs(config, Precision.of(Route.ONEDNN)), 2e-5);
    Precision half = new Precision(Route.FP32, Floating.BF16);
    assertNear(exact, outputs(config, half), 0.6 * roundedShare());
    assertNear(exact, outputs(config, Precision.BF16), roundedShare());
  }

  @ParameterizedTest
  @MethodSource("configs")
  default void readsHalfPrecisionAndShardsAsItReadsOneFileOfFloats(String config)
      throws IOException {
    Path scratch = Files.createTempDirectory("family");
    for (Dtype dtype : List.of(Dtype.F16, Dtype.BF16)) {
      RandomModel random = new RandomModel(family(), config, head(), scratch).rounded(dtype);
      Path whole = random.write(scratch.resolve(dtype + "-whole"));
      Path halves = random.write(scratch.resolve(dtype + "-half"), dtype, 3);
      assertArrayEquals(outputs(whole), outputs(halves), dtype.toString());
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  default void bfloat16HoldsExactlyWhatFitsInIt(String config) throws IOException {
    Path scratch = Files.createTempDirectory("family");
    RandomModel random = new RandomModel(family(), config, head(), scratch).rounded(Dtype.BF16);
    Path folder = random.write(scratch.resolve("model"));
    float[] halves = outputs(folder, new Precision(Route.FP32, Floating.BF16));
    assertNear(outputs(folder), halves, 1e-6);
  }

  private float[] outputs(Path folder) {
    return outputs(folder, Precision.FP32);
  }

  private float[] outputs(Path folder, Precision precision) {
    Bases bases = new Bases(List.of(family()));
    try (LanguageModel model =
            new LanguageModel(bases.open(folder, head(), precision), Adapter.NONE);
        NDManager owner = model.newManager()) {
      return model.outputs(batch(texts()), model.list(owner, "p", model.initial(1)));
    }
  }

  private float[] outputs(String config, Precision precision) throws IOException {
    try (Opened opened = open(config, precision, true)) {
      return opened.model().outputs(batch(texts()), opened.values());
    }
  }

  private List<float[]> gradient(Opened opened) {
    try (NDManager step = opened.model().newManager()) {
      NDList p = opened.values();
      NDList start = opened.model().list(step, "start", opened.initial());
      return opened.model().call(step, "gradient", true, batch(texts()), p, start).stream()
          .map(NDArray::toFloatArray)
          .toList();
    }
  }

  /** One row for each text. */
  default Batch batch(int[]... texts) {
    return Batch.of(rows(texts));
  }

  private List<Row> rows(int[]... texts) {
    return Stream.of(texts).map(this::row).toList();
  }

  /** A text with labels for what the model is asked for. */
  @Override
  default Row row(int[] text) {
    return switch (head().kind()) {
      case TOKENS -> Row.next(text, 1);
      case SEQUENCE_CLASSES -> new Row(text, new int[] {text[0] % head().classes()});
      case TOKEN_CLASSES ->
          new Row(text, Arrays.stream(text).map(id -> id % head().classes()).toArray());
    };
  }

  private Opened open(String config, Precision precision, boolean everywhere, Part... parts)
      throws IOException {
    return open(config, precision, everywhere ? null : Adapter.NONE, parts);
  }

  private Opened open(String config, Precision precision, Adapter adapter, Part... parts)
      throws IOException {
    Path scratch = Files.createTempDirectory("family");
    Path folder =
        new RandomModel(family(), config, head(), scratch).write(scratch.resolve("model"));
    var base = new Bases(List.of(family())).open(folder, head(), precision);
    Adapter chosen = adapter == null ? Everywhere.of(base.architecture()) : adapter;
    LanguageModel model = new LanguageModel(base, chosen, parts);
    NDManager owner = model.newManager();
    Tensors initial = model.initial(5);
    return new Opened(model, initial, model.list(owner, "p", initial));
  }

  /** A model with its values. */
  record Opened(LanguageModel model, Tensors initial, NDList values) implements AutoCloseable {
    @Override
    public void close() {
      model.close();
    }
  }

  /** As a share of the largest of what is expected. */
  private static void assertNear(float[] expected, float[] actual, double share) {
    assertEquals(expected.length, actual.length);
    double largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], share * largest, "at " + i);
    }
  }
}
