package fedllm.testkit.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Part;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.model.Site;
import fedllm.learning.objective.Cut;
import fedllm.learning.objective.ExampleGradients;
import fedllm.learning.objective.Gradient;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Graft;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What trainers ask of every family beyond a gradient. */
public interface TrainingContract {

  /** The family. */
  ModelFamily family();

  /** Texts of {@code config.json}. */
  Stream<String> configs();

  /** What the models are asked for. */
  Head head();

  /** A text with labels for what the model is asked for. */
  Row row(int[] text);

  @ParameterizedTest
  @MethodSource("configs")
  default void bothPiecesOfACutAreTheWhole(String config) throws IOException {
    Base base = base(config);
    int cut = (base.architecture().layers() + 1) / 2;
    PlainLoss loss = new PlainLoss(head().kind());
    Adapter adapter = Everywhere.of(base.architecture());
    try (LanguageModel model = new LanguageModel(base, adapter, Gradient.of(loss), Cut.at(cut));
        NDManager step = model.newManager()) {
      NDList p = model.list(step, "p", model.initial(5));
      NDList start = model.list(step, "start", model.initial(5));
      NDList whole = model.call(step, "gradient", true, texts(), p, start);
      NDList x = model.call(step, "below", false, texts(), p);
      NDList above = model.call(step, "above", true, texts(), p, start, x);
      NDList below = model.call(step, "below_backward", true, texts(), p, new NDList(above.get(1)));
      assertEquals(whole.head().getFloat(), above.head().getFloat(), 1e-5);
      for (int i = 0; i < p.size(); i++) {
        double[] sum = doubles(above.get(i + 2));
        double[] lower = doubles(below.get(i));
        for (int j = 0; j < sum.length; j++) {
          sum[j] += lower[j];
        }
        assertNear(doubles(whole.get(i + 1)), sum, 1e-5);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  default void boundedGradientsAreThoseOfEachTextAlone(String config) throws IOException {
    Base base = base(config);
    PlainLoss loss = new PlainLoss(head().kind());
    List<Graft> grafts =
        base.architecture().sites().stream()
            .filter(site -> site.kind() == Site.Kind.LINEAR)
            .map(Everywhere::at)
            .toList();
    Part[] parts = {Gradient.of(loss), ExampleGradients.of(loss)};
    try (LanguageModel model = new LanguageModel(base, new Adapter(grafts, Map.of()), parts);
        NDManager step = model.newManager()) {
      NDList p = model.list(step, "p", model.initial(5));
      NDList start = model.list(step, "start", model.initial(5));
      NDList ends = new NDList(step.create(new long[] {0, 1, 2, 3}));
      double[] norms =
          doubles(model.call(step, "exact_norms", true, texts(), p, start, ends).head());
      assertNear(
          norms,
          doubles(model.call(step, "example_norms", true, texts(), p, start, ends).head()),
          1e-5);
      ends.add(step.create((norms[0] + norms[1]) / 2));
      NDList exact = model.call(step, "exact_clipped", true, texts(), p, start, ends);
      NDList clipped = model.call(step, "clipped", true, texts(), p, start, ends);
      for (int i = 0; i < exact.size(); i++) {
        assertNear(doubles(exact.get(i)), doubles(clipped.get(i)), 2e-5);
      }
    }
  }

  private Batch texts() {
    return Batch.of(Stream.of(FamilyContract.texts()).map(this::row).toList());
  }

  private Base base(String config) throws IOException {
    Path scratch = Files.createTempDirectory("family");
    Path folder =
        new RandomModel(family(), config, head(), scratch).write(scratch.resolve("model"));
    return new Bases(List.of(family())).open(folder, head());
  }

  private static double[] doubles(NDArray array) {
    return array.toType(DataType.FLOAT64, false).toDoubleArray();
  }

  /** As a share of the largest of what is expected. */
  private static void assertNear(double[] expected, double[] actual, double share) {
    double largest = 0;
    for (double value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], share * largest + 1e-9, "at " + i);
    }
  }
}
