package fedllm.testkit.learning;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.objective.Gradient;
import fedllm.learning.peft.Adapter;
import fedllm.learning.text.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A {@link FamilyContract} whose family has a forward pass in plain Java to be compared with. */
public interface OracleContract extends FamilyContract {

  /**
   * The forward pass once more, in 64-bit floats.
   *
   * @param config one of {@link #configs}
   * @param plain what it may use
   * @return logits [length, vocabulary] or, for a sequence's classes, [1, classes]
   */
  double[][] oracle(String config, Plain plain, int[] ids);

  @ParameterizedTest
  @MethodSource("configs")
  default void agreesWithAForwardPassInPlainJava(String config) throws IOException {
    RandomModel random = random(config);
    Path folder = random.write(Files.createTempDirectory("oracle"));
    agrees(config, random, open(folder, Adapter.NONE));
    agrees(config, random, everywhere(folder));
  }

  @ParameterizedTest
  @MethodSource("configs")
  default void givesTheGradientsThatFiniteDifferencesGive(String config) throws IOException {
    RandomModel random = random(config);
    Path folder = random.write(Files.createTempDirectory("oracle"));
    try (LanguageModel model = everywhere(folder);
        NDManager step = model.newManager()) {
      Tensors values = model.initial(3);
      NDList p = model.list(step, "p", values);
      NDList start = model.list(step, "start", values);
      NDList found = model.call(step, "gradient", true, batch(FamilyContract.texts()), p, start);
      Map<String, double[]> trained = wide(values);
      assertEquals(loss(config, random, trained), found.head().getFloat(), 2e-5);
      for (int t = 0; t < found.size() - 1; t++) {
        Tensor tensor = values.schema().tensors().get(t);
        float[] gradient = found.get(t + 1).toFloatArray();
        double largest = 0;
        for (float value : gradient) {
          largest = Math.max(largest, Math.abs(value));
        }
        double[] moved = trained.get(tensor.name());
        for (int i : new TreeSet<>(List.of(0, gradient.length / 2))) {
          double before = moved[i];
          moved[i] = before + 1e-4;
          double above = loss(config, random, trained);
          moved[i] = before - 1e-4;
          double below = loss(config, random, trained);
          moved[i] = before;
          assertEquals(
              (above - below) / 2e-4, gradient[i], 1e-6 + 1e-4 * largest, tensor + " at " + i);
        }
      }
    }
  }

  private void agrees(String config, RandomModel random, LanguageModel opened) {
    try (LanguageModel model = opened;
        NDManager owner = model.newManager()) {
      Tensors values = model.initial(3);
      NDList p = model.list(owner, "p", values);
      Plain plain = new Plain(random.weights(), wide(values));
      for (int[] text : FamilyContract.texts()) {
        float[] actual = model.outputs(batch(text), p);
        double[][] expected = oracle(config, plain, row(text).ids());
        assertEquals(expected.length * expected[0].length, actual.length);
        for (int i = 0; i < actual.length; i++) {
          double value = expected[i / expected[0].length][i % expected[0].length];
          assertEquals(value, actual[i], 2e-5 * Math.max(1, Math.abs(value)), "at " + i);
        }
      }
    }
  }

  private double loss(String config, RandomModel random, Map<String, double[]> trained) {
    Plain plain = new Plain(random.weights(), trained);
    double nats = 0;
    int labels = 0;
    for (int[] text : FamilyContract.texts()) {
      Row row = row(text);
      double[][] logits = oracle(config, plain, row.ids());
      for (int t = 0; t < logits.length; t++) {
        nats -= Plain.logSoftmax(logits[t])[row.labels()[t]];
        labels++;
      }
    }
    return nats / labels;
  }

  private RandomModel random(String config) throws IOException {
    return new RandomModel(family(), config, head(), Files.createTempDirectory("oracle"));
  }

  private LanguageModel open(Path folder, Adapter adapter) {
    return new LanguageModel(new Bases(List.of(family())).open(folder, head()), adapter);
  }

  private LanguageModel everywhere(Path folder) {
    Base base = new Bases(List.of(family())).open(folder, head());
    return new LanguageModel(
        base, Everywhere.of(base.architecture()), Gradient.of(new PlainLoss(head().kind())));
  }

  private static Map<String, double[]> wide(Tensors values) {
    Map<String, double[]> wide = new HashMap<>();
    for (int t = 0; t < values.schema().tensors().size(); t++) {
      wide.put(values.schema().tensors().get(t).name(), Plain.wide(values.values(t)));
    }
    return wide;
  }
}
