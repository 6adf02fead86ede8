package fedllm.testkit.learning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.plugin.Options;
import fedllm.api.tensor.Tensor;
import fedllm.learning.base.Part;
import fedllm.learning.base.Precision;
import fedllm.learning.base.Route;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.objective.Gradient;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Adapters;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.storage.Floating;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every method keeps. A test of a method implements it, and writes its equation again. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public interface PeftContract {

  /** The method. */
  PeftMethod method();

  /** Those that its files need to be read. */
  default List<PeftMethod> readers() {
    return List.of(method());
  }

  /** The family of {@link PlainLlama}. */
  ModelFamily family();

  /** Some ways to use the method. */
  Stream<Case> cases();

  /** Those on a Llama. */
  default Stream<Case> compared() {
    return cases().filter(use -> use.plain() != null);
  }

  /**
   * One way to use it.
   *
   * @param options as a job would give them
   * @param startsAsTheModelIs whether it changes nothing before it has learned
   * @param plain its equations; null on a model of another family than {@link #family}
   * @param model that family; null for {@link #family}
   * @param config text of that model's {@code config.json}, a decoder's or an encoder's
   */
  record Case(
      Options options,
      boolean startsAsTheModelIs,
      PlainMethod plain,
      ModelFamily model,
      String config) {

    /** On a Llama. */
    public Case(Options options, boolean startsAsTheModelIs, PlainMethod plain) {
      this(options, startsAsTheModelIs, plain, null, PlainLlama.CONFIG);
    }

    /** On another model, which nothing in plain Java is compared with. */
    public Case(Options options, boolean startsAsTheModelIs, ModelFamily model, String config) {
      this(options, startsAsTheModelIs, null, model, config);
    }

    @Override
    public String toString() {
      return options + " on " + (model == null ? "llama" : model.getClass().getSimpleName());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  default void startsAsTheModelIsWhereItSaysSo(Case use) throws IOException {
    Case nothing = new Case(null, true, use.plain(), use.model(), use.config());
    try (Grafted bare = open(nothing, Precision.FP32, 0);
        Grafted opened = open(use, Precision.FP32, 0)) {
      double[] expected = bare.likelihoods(texts());
      double[] actual = opened.likelihoods(texts());
      if (use.startsAsTheModelIs()) {
        assertArrayEquals(expected, actual, 1e-6 * Math.abs(expected[0]));
      } else {
        assertNotEquals(expected[0], actual[0], 1e-6);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("compared")
  default void agreesWithItsEquationsInPlainJava(Case use) throws IOException {
    try (Grafted opened = open(use, Precision.FP32, 0.2f)) {
      PlainLlama plain = opened.plain(use.plain(), opened.wide());
      for (int[] text : texts()) {
        double[][] expected = plain.logits(opened.model().placed(text));
        float[] actual = opened.model().outputs(opened.batch(text), opened.values());
        assertEquals(expected.length * expected[0].length, actual.length);
        for (int i = 0; i < actual.length; i++) {
          double value = expected[i / expected[0].length][i % expected[0].length];
          assertEquals(value, actual[i], 2e-5 * Math.max(1, Math.abs(value)), "at " + i);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("compared")
  default void givesTheGradientsThatFiniteDifferencesGive(Case use) throws IOException {
    try (Grafted opened = open(use, Precision.FP32, 0.2f, Gradient.of(loss()))) {
      List<float[]> found = opened.gradient(texts());
      Map<String, double[]> wide = opened.wide();
      assertEquals(opened.loss(use.plain(), wide), found.get(0)[0], 2e-5);
      for (int t = 1; t < found.size(); t++) {
        Tensor tensor = opened.model().schema().tensors().get(t - 1);
        float[] gradient = found.get(t);
        double largest = largest(gradient);
        double[] moved = wide.get(tensor.name());
        for (int i : new TreeSet<>(List.of(0, gradient.length / 2, gradient.length - 1))) {
          double before = moved[i];
          moved[i] = before + 1e-4;
          double above = opened.loss(use.plain(), wide);
          moved[i] = before - 1e-4;
          double below = opened.loss(use.plain(), wide);
          moved[i] = before;
          double expected = (above - below) / 2e-4;
          assertEquals(expected, gradient[i], 1e-6 + 1e-4 * largest, tensor + " at " + i);
        }
        assertTrue(largest > 0, tensor + " learns nothing");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  default void computingLayersAgainGivesTheSameGradients(Case use) throws IOException {
    try (Grafted kept = open(use, Precision.FP32, 0.2f, Gradient.of(loss()));
        Grafted again = open(use, Precision.FP32, 0.2f, Gradient.checkpointed(loss()))) {
      List<float[]> expected = kept.gradient(texts());
      List<float[]> actual = again.gradient(texts());
      for (int i = 0; i < expected.size(); i++) {
        assertNear(expected.get(i), actual.get(i), 2e-5);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  default void packingPaddingAndOrderChangeNothing(Case use) throws IOException {
    try (Grafted opened = open(use, Precision.FP32, 0.2f)) {
      int[][] texts = texts();
      double[] together = opened.likelihoods(texts);
      double[] turned = opened.likelihoods(new int[][] {texts[2], texts[0], texts[1]});
      double sum = 0;
      for (int i = 0; i < texts.length; i++) {
        double alone = opened.likelihoods(texts[i])[0];
        assertEquals(alone, together[i], 2e-5 * Math.abs(alone));
        assertEquals(alone, turned[(i + 1) % 3], 2e-5 * Math.abs(alone));
        sum -= alone;
      }
      List<Row> rows = Stream.of(texts).map(text -> Row.next(text, 1)).toList();
      int places = opened.model().places();
      Batch packed = Batch.pack(rows, 15 + 2 * places, places);
      assertTrue(packed.rows() < texts.length);
      assertEquals(sum, opened.model().score(packed, opened.values()), 2e-5 * sum);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  default void theCacheGivesWhatReadingTheWholeGives(Case use) throws IOException {
    try (Grafted opened = open(use, Precision.FP32, 0.2f);
        NDManager owner = opened.model().newManager()) {
      assumeTrue(opened.model().base().architecture().causal(), "only decoders go on");
      int[] text = IntStream.range(0, 12).map(i -> 2 + i * 7 % 20).toArray();
      int[] placed = opened.model().placed(text);
      int places = opened.model().places();
      NDList cache = opened.model().cache(owner, 1, placed.length);
      int[] ends = {places + 4, places + 5, places + 6, places + 10, placed.length};
      int from = 0;
      for (int to : ends) {
        long[] fed = Arrays.stream(placed, from, to).asLongStream().toArray();
        NDList tokens = opened.model().batch(owner, 1, fed, null, new long[0], from);
        float[] next = opened.model().next(tokens, cache, opened.values()).toFloatArray();
        int[] whole = Arrays.copyOf(text, to - places);
        assertNear(opened.model().logits(whole, opened.values()), next, 2e-5);
        from = to;
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  default void everyRouteComputesTheSameToItsPrecision(Case use) throws IOException {
    float[] exact = outputs(use, Precision.FP32);
    assertNear(exact, outputs(use, Precision.of(Route.ONEDNN)), 2e-5);
    assertNear(exact, outputs(use, new Precision(Route.FP32, Floating.BF16)), 0.03);
    assertNear(exact, outputs(use, Precision.BF16), 0.05);
  }

  @ParameterizedTest
  @MethodSource("cases")
  default void comesBackFromItsFilesAsItWas(Case use) throws IOException {
    try (Grafted opened = open(use, Precision.FP32, 0.2f)) {
      Path folder = Files.createTempDirectory("peft").resolve("adapter");
      Adapters.save(folder, new Adapters.Opened(opened.adapter(), opened.tensors()));
      Adapters.Opened again =
          new Adapters(readers()).open(folder, opened.model().base().architecture());
      assertEquals(opened.tensors().schema(), again.values().schema());
      for (int t = 0; t < opened.tensors().schema().tensors().size(); t++) {
        assertArrayEquals(opened.tensors().values(t), again.values().values(t));
      }
      assertEquals(equations(opened.adapter()), equations(again.adapter()));
      assertEquals(opened.adapter().files(), again.adapter().files());
    }
  }

  private static List<String> equations(Adapter adapter) {
    return adapter.all().stream()
        .flatMap(one -> one.grafts().stream())
        .map(graft -> graft.at() + ": " + graft.equation() + ", merged " + graft.merged())
        .toList();
  }

  private static int[][] texts() {
    return FamilyContract.texts();
  }

  private static PlainLoss loss() {
    return new PlainLoss(Head.Kind.TOKENS);
  }

  private float[] outputs(Case use, Precision precision) throws IOException {
    try (Grafted opened = open(use, precision, 0.2f)) {
      return opened.model().outputs(opened.batch(texts()), opened.values());
    }
  }

  private Grafted open(Case use, Precision precision, float off, Part... parts) throws IOException {
    return Grafted.open(
        use.model() == null ? family() : use.model(),
        use.config(),
        precision,
        model -> use.options() == null ? Adapter.NONE : method().open(use.options(), model),
        off,
        parts);
  }

  /** As a share of the largest of what is expected. */
  private static void assertNear(float[] expected, float[] actual, double share) {
    assertEquals(expected.length, actual.length);
    double largest = largest(expected);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], share * largest, "at " + i);
    }
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }
}
