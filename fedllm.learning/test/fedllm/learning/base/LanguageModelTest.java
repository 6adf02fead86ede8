package fedllm.learning.base;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.learning.model.Site;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Parameter;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LanguageModelTest {

  private static final Objective.Goal GOAL =
      new Objective.Goal() {
        @Override
        public List<Row> rows(Example example, long number) {
          return List.of();
        }

        @Override
        public String loss() {
          return "    return torch.sum(hidden * hidden)\n";
        }
      };

  /** Adds a trained vector to the one linear layer there is. */
  private static final Adapter SHIFT =
      new Adapter(
          List.of(
              new Graft(
                  Site.linear("middle", 3, 3),
                  List.of(
                      new Parameter(
                          "s",
                          "shift",
                          List.of(3L),
                          (Philox random, float[] out) -> random.uniforms(0, out, out.length))),
                  "y + s")),
          Map.of());

  private static final Batch BATCH =
      Batch.of(List.of(Row.next(new int[] {0, 1, 2}, 1), Row.next(new int[] {4, 3}, 1)));

  @TempDir Path folder;

  private Bases bases;

  @BeforeEach
  void write() throws Exception {
    Folder.write(folder);
    bases = new Bases(List.of(new Bigrams()));
  }

  /** A token alone, as a text is written, is one row, which has a product of its own. */
  @ParameterizedTest
  @EnumSource(Route.class)
  void foretellsTheSameFromOneRowAsFromMany(Route route) {
    float bound = route == Route.BF16 ? 0.02f : 1e-6f;
    try (LanguageModel model =
            new LanguageModel(bases.open(folder, null, Precision.of(route)), Adapter.NONE);
        NDManager owner = model.newManager()) {
      NDList none = model.list(owner, "p", new Tensors(model.schema()));
      float[] all = model.outputs(BATCH, none);
      assertArrayEquals(
          Arrays.copyOfRange(all, Folder.VOCABULARY, 2 * Folder.VOCABULARY),
          model.logits(new int[] {1}, none),
          bound);
    }
  }

  @Test
  void namesWhatIsTrainedAsPeftDoes() {
    try (LanguageModel model = new LanguageModel(bases.open(folder), SHIFT)) {
      assertEquals(
          List.of(new Tensor("base_model.model.middle", "shift", List.of(3L))),
          model.schema().tensors());
      assertArrayEquals(model.initial(4).values(0), model.initial(4).values(0));
    }
  }

  @Test
  void refusesValuesOfAnotherAdapter() {
    try (LanguageModel model = new LanguageModel(bases.open(folder), SHIFT);
        NDManager owner = model.newManager()) {
      Tensors other = new Tensors(new Schema(List.of()));
      assertThrows(IllegalArgumentException.class, () -> model.list(owner, "p", other));
    }
  }

  @Test
  void putsTheMethodsEquationWhereTheLayerIs() {
    try (LanguageModel model = new LanguageModel(bases.open(folder), SHIFT);
        NDManager owner = model.newManager()) {
      Tensors zero = new Tensors(model.schema());
      Tensors far = new Tensors(model.schema(), List.of(new float[] {0, 0, 1}));
      float[] without = model.logits(new int[] {2}, model.list(owner, "p", zero));
      float[] with = model.logits(new int[] {2}, model.list(owner, "p", far));
      for (int token = 0; token < without.length; token++) {
        double third = Math.sin(token * 3 + 2 + "table".length());
        assertEquals(third, with[token] - without[token], 1e-6);
      }
    }
  }

  @Test
  void holdsNoArrayMoreAfterAThousandSteps() {
    try (LanguageModel model = new LanguageModel(bases.open(folder), SHIFT, Gradient.of(GOAL));
        NDManager round = model.newManager()) {
      Tensors values = model.initial(1);
      NDList p = model.list(round, "p", values);
      NDList start = model.list(round, "start", values);
      step(model, round, p, start);
      model.score(BATCH, p);
      int inRound = held(round);
      int inBase = held(model.base().manager());
      for (int i = 0; i < 1000; i++) {
        step(model, round, p, start);
        model.score(BATCH, p);
      }
      assertEquals(inRound, held(round));
      assertEquals(inBase, held(model.base().manager()));
    }
  }

  @Test
  void scoresOnlyWhatIsLabelled() {
    try (LanguageModel model = new LanguageModel(bases.open(folder), SHIFT);
        NDManager owner = model.newManager()) {
      NDList p = model.list(owner, "p", model.initial(1));
      double first = model.score(Batch.of(List.of(Row.next(new int[] {0, 1, 2}, 1))), p);
      double second = model.score(Batch.of(List.of(Row.next(new int[] {4, 3}, 1))), p);
      assertEquals(first + second, model.score(BATCH, p), 1e-5);
      Row answer = Row.next(new int[] {0, 1, 2}, 2);
      double logit = nats(model.logits(new int[] {0, 1}, p), 2);
      assertEquals(logit, model.score(Batch.of(List.of(answer)), p), 1e-5);
    }
  }

  @Test
  void manyPlacesHaveTheLossAndGradientOfEachTextAlone() {
    Objective.Goal likelihood =
        new Objective.Goal() {
          @Override
          public List<Row> rows(Example example, long number) {
            return List.of();
          }

          @Override
          public String loss() {
            return "    return torch.sum((self).log_likelihoods(hidden, f, labels, w, now))\n";
          }
        };
    List<Row> texts =
        IntStream.range(0, 61)
            .mapToObj(i -> IntStream.range(0, 3 + i % 7).map(at -> (i + at * at) % 5).toArray())
            .map(ids -> Row.next(ids, 1))
            .toList();
    Batch all = Batch.of(texts);
    assertEquals(300, all.targets()); // more than stand in memory at once, and no round number
    try (LanguageModel model =
            new LanguageModel(bases.open(folder), SHIFT, Gradient.of(likelihood));
        NDManager owner = model.newManager()) {
      NDList p = model.list(owner, "p", model.initial(1));
      NDList start = model.list(owner, "start", model.initial(1));
      double loss = 0;
      double[] gradient = new double[3];
      for (Row text : texts) {
        NDList one = model.call(owner, "gradient", true, Batch.of(List.of(text)), p, start);
        loss += one.head().getFloat();
        float[] found = one.get(1).toFloatArray();
        for (int i = 0; i < gradient.length; i++) {
          gradient[i] += found[i];
        }
      }
      NDList together = model.call(owner, "gradient", true, all, p, start);
      assertEquals(-model.score(all, p), together.head().getFloat(), 1e-5 * -loss);
      assertEquals(loss, together.head().getFloat(), 1e-5 * -loss);
      for (int i = 0; i < gradient.length; i++) {
        assertEquals(gradient[i], together.get(1).toFloatArray()[i], 1e-4);
      }
    }
  }

  private static double nats(float[] logits, int label) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }
    return Math.log(sum) - logits[label];
  }

  private static void step(LanguageModel model, NDManager round, NDList p, NDList start) {
    try (NDManager step = round.newSubManager()) {
      assertEquals(2, model.call(step, "gradient", true, BATCH, p, start).size());
    }
  }

  private static int held(NDManager manager) {
    return ((BaseNDManager) manager).getManagedArrays().size();
  }
}
