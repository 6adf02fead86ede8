package fedllm.trainers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Precision;
import fedllm.learning.base.Reading;
import fedllm.learning.model.Head;
import fedllm.learning.objective.Cut;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.models.llama.Llama;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.Everywhere;
import fedllm.testkit.learning.RandomModel;
import fedllm.trainers.causallm.CausalLm;
import fedllm.trainers.maskedlm.MaskedLm;
import fedllm.trainers.sequenceclassification.Classes;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CutTest {

  private static final String CONFIG =
      """
      {"model_type": "llama", "hidden_size": 16, "intermediate_size": 24,
       "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2,
       "vocab_size": 23, "tie_word_embeddings": true, "max_position_embeddings": 64}
      """;

  private static final Batch BATCH =
      Batch.of(
          List.of(
              Row.next(new int[] {3, 1, 4, 1, 5, 9, 2, 6, 5}, 1),
              Row.next(new int[] {2, 7, 1, 8}, 2)));

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"0, FP32", "1, FP32", "3, FP32", "2, BF16"})
  void bothPiecesTogetherAreTheWhole(int cut, String precision) throws Exception {
    new RandomModel(new Llama(), CONFIG, Head.TOKENS, folder).write(folder.resolve("model"));
    Precision how = precision.equals("BF16") ? Precision.BF16 : Precision.FP32;
    Base base = new Bases(List.of(new Llama()), how).open(folder.resolve("model"));
    Objective.Goal goal = new CausalLm().open(TestOptions.none(), new Reading(base, 32, false));
    try (LanguageModel model =
            new LanguageModel(
                base, Everywhere.of(base.architecture()), Gradient.of(goal), Cut.at(cut));
        NDManager step = model.newManager()) {
      NDList p = model.list(step, "p", model.initial(1));
      NDList start = model.list(step, "start", model.initial(1));
      NDList whole = model.call(step, "gradient", true, BATCH, p, start);
      NDList x = model.call(step, "below", false, BATCH, p);
      NDList above = model.call(step, "above", true, BATCH, p, start, x);
      NDList dx = new NDList(above.get(1));
      NDList below = model.call(step, "below_backward", true, BATCH, p, dx);
      assertEquals(whole.head().getFloat(), above.head().getFloat(), 1e-6);
      for (int i = 0; i < p.size(); i++) {
        float[] expected = whole.get(i + 1).toFloatArray();
        float[] upper = above.get(i + 2).toFloatArray();
        float[] lower = below.get(i).toFloatArray();
        for (int j = 0; j < expected.length; j++) {
          assertEquals(
              expected[j], upper[j] + lower[j], 1e-6 * (1 + Math.abs(expected[j])), "p " + i);
        }
      }
      assertEquals(
          whole.head().getFloat(),
          model.call(step, "loss", false, BATCH, p, start).head().getDouble(),
          1e-6);
    }
  }

  /**
   * The embedding and the head at one side, all layers at another one that sees neither tokens nor
   * labels; what crosses a cut goes through plain floats, as it travels.
   */
  @Test
  void threePiecesTogetherAreTheWholeThoughTheMiddleSeesNeitherTokensNorLabels() throws Exception {
    Reading reading = Classes.reading(Classes.write(folder, Head.TOKENS, ""), Head.TOKENS, 34);
    Map<String, ?> options = Map.of("mask", ".", "share", 0.4);
    Objective.Goal goal =
        new MaskedLm().open(TestOptions.of(MaskedLm.Config.class, options), reading);
    Batch batch =
        Batch.of(
            List.of(
                goal.rows(new Example.Text("a b c playing d mia e f", ""), 1).get(0),
                goal.rows(new Example.Text("rio played", ""), 2).get(0)));
    long[] nothing = new long[batch.labels().length];
    Arrays.fill(nothing, Batch.NONE);
    Batch blind =
        new Batch(
            batch.rows(),
            batch.length(),
            new long[batch.ids().length],
            batch.segments(),
            new long[0],
            nothing,
            false,
            batch.tokens(),
            0);
    try (LanguageModel model =
            new LanguageModel(
                reading.base(),
                Everywhere.of(reading.base().architecture()),
                Gradient.of(goal),
                Cut.aroundLayers());
        NDManager step = model.newManager()) {
      NDList p = model.list(step, "p", model.initial(1));
      NDList start = model.list(step, "start", model.initial(1));
      NDList whole = model.call(step, "gradient", true, batch, p, start);
      NDList x = travelled(step, model.call(step, "below", false, batch, p).head());
      NDList y = travelled(step, model.call(step, "between", false, blind, p, x).head());
      NDList head = model.call(step, "above", true, batch, p, start, y);
      NDList dy = travelled(step, head.get(1));
      NDList layers = model.call(step, "between_backward", true, blind, p, x, dy);
      NDList dx = travelled(step, layers.get(0));
      NDList below = model.call(step, "below_backward", true, batch, p, dx);
      assertEquals(whole.head().getFloat(), head.head().getFloat(), 1e-6);
      int own = 0;
      for (int i = 0; i < p.size(); i++) {
        float[] expected = whole.get(i + 1).toFloatArray();
        float[] lower = below.get(i).toFloatArray();
        float[] middle = layers.get(i + 1).toFloatArray();
        float[] upper = head.get(i + 2).toFloatArray();
        boolean ofLayers = model.schema().tensors().get(i).module().contains(".layer.");
        for (int j = 0; j < expected.length; j++) {
          assertEquals(
              expected[j],
              ofLayers ? middle[j] : lower[j] + upper[j],
              1e-6 * (1 + Math.abs(expected[j])),
              "p " + i);
          assertEquals(0, ofLayers ? lower[j] + upper[j] : middle[j], "p " + i);
          own += expected[j] != 0 ? 1 : 0;
        }
      }
      assertTrue(own > 1000, own + " gradients are not zero");
    }
  }

  private static NDList travelled(NDManager to, NDArray stream) {
    return new NDList(to.create(stream.toFloatArray(), stream.getShape()));
  }
}
