package fedllm.trainers.maskedlm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensors;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Reading;
import fedllm.learning.model.Head;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Fitted;
import fedllm.learning.text.Row;
import fedllm.models.llama.Llama;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.Everywhere;
import fedllm.testkit.learning.PlainLoss;
import fedllm.trainers.SmallBase;
import fedllm.trainers.sequenceclassification.Classes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskedLmTest {

  private static final int NONE = (int) Batch.NONE;
  private static final int VOCABULARY = 1000;
  private static final int MASK = 7;

  @TempDir Path folder;

  /** Of a text of 20 tokens between two that are no text. */
  private static Row hide(Masks masks, Philox draw) {
    int[] ids = new int[22];
    int[] from = new int[22];
    Arrays.setAll(ids, i -> 100 + i);
    Arrays.setAll(from, i -> i == 0 || i == 21 ? -1 : i);
    return masks.of(new Fitted(ids, new int[0], from, from), 1, draw);
  }

  @Test
  void fifteenOfAHundredAreToldEightyOfThoseHiddenTenOthersTenAsTheyWere() {
    Masks masks = new Masks(0.15, 0.8, 0.1, MASK, VOCABULARY);
    int texts = 4000;
    int[] fates = new int[3];
    int[] places = new int[22];
    for (int text = 0; text < texts; text++) {
      Row row = hide(masks, Philox.of(1, 0, "", text, "masks"));
      int told = 0;
      for (int i = 0; i < 22; i++) {
        if (row.labels()[i] == NONE) {
          assertEquals(100 + i, row.ids()[i]);
        } else {
          assertEquals(100 + i, row.labels()[i]);
          fates[row.ids()[i] == MASK ? 0 : row.ids()[i] == 100 + i ? 2 : 1]++;
          places[i]++;
          told++;
        }
      }
      assertEquals(3, told); // 15 % of 20
    }
    assertShare(0.8, fates[0], 3 * texts);
    assertShare(0.1, fates[1], 3 * texts);
    assertShare(0.1, fates[2], 3 * texts);
    for (int i = 1; i <= 20; i++) {
      assertShare(0.15, places[i], texts);
    }
    assertEquals(0, places[0] + places[21]);
  }

  private static void assertShare(double expected, int count, int of) {
    double deviation = Math.sqrt(expected * (1 - expected) / of);
    assertEquals(expected, (double) count / of, 4 * deviation);
  }

  @Test
  void aShortTextHasOneTokenToTell() {
    Row row = new Masks(0.01, 1, 0, MASK, VOCABULARY).of(of(5, 6), 1, new Philox(1));
    assertEquals(1, row.targets());
    assertTrue(row.ids()[0] == MASK ^ row.ids()[1] == MASK);
    assertThrows(
        SitsOut.class, () -> new Masks(1, 1, 0, MASK, VOCABULARY).of(of(), 1, new Philox(1)));
  }

  private static Fitted of(int... ids) {
    int[] from = new int[ids.length];
    return new Fitted(ids, new int[0], from, from);
  }

  @Test
  void eachRoundHidesOthersAndMeasuresAlwaysTheSame() throws IOException {
    Objective.Goal goal = goal(reading(34), Map.of("mask", "."));
    Example example = new Example.Text("a b c d e f a b c d e f", " mia rio played a b c");
    Row measured = goal.rows(example, 3).get(0);
    assertArrayEquals(measured.ids(), goal.rows(example, 3).get(0).ids());
    Row one = goal.rows(example, 3, Philox.of(1, 1, "", 3, "r")).get(0);
    Row other = goal.rows(example, 3, Philox.of(1, 2, "", 3, "r")).get(0);
    assertFalse(Arrays.equals(one.labels(), other.labels()));
    assertEquals(2, one.ids()[0]); // [CLS]
    assertTrue(goal.draws());
  }

  @Test
  void isTorchsCrossEntropyWithItsGradientsEverywhere() throws IOException {
    Reading reading = reading(34);
    Objective.Goal goal = goal(reading, Map.of("mask", ".", "share", 0.5));
    Batch batch =
        Batch.of(
            List.of(
                goal.rows(new Example.Text("a b c playing d", ""), 1).get(0),
                goal.rows(new Example.Text("mia ", "played"), 2).get(0)));
    List<float[]> ours = gradient(reading, goal, batch);
    List<float[]> theirs = gradient(reading(34), new PlainLoss(Head.Kind.TOKENS), batch);
    assertEquals(theirs.size(), ours.size());
    for (int i = 0; i < ours.size(); i++) {
      assertArrayEquals(theirs.get(i), ours.get(i), 1e-5f);
    }
  }

  private static List<float[]> gradient(Reading reading, Objective.Goal goal, Batch batch) {
    try (LanguageModel model =
            new LanguageModel(
                reading.base(), Everywhere.of(reading.base().architecture()), Gradient.of(goal));
        NDManager step = model.newManager()) {
      Tensors values = model.initial(1);
      NDList p = model.list(step, "p", values);
      NDList start = model.list(step, "start", values);
      return model.call(step, "gradient", true, batch, p, start).stream()
          .map(NDArray::toFloatArray)
          .toList();
    }
  }

  @Test
  void refusesWhatItCannotHide() throws IOException {
    Reading reading = reading(34);
    assertRefused("is not one token", reading, Map.of());
    assertRefused("more than 1", reading, Map.of("mask", ".", "random", 0.3));
    Objective.Goal goal = goal(reading, Map.of("mask", "."));
    assertThrows(SitsOut.class, () -> goal.rows(new Example.Tokens(new int[] {1}), 1));
    Path llama = java.nio.file.Files.createDirectories(folder.resolve("llama"));
    SmallBase.write(llama);
    assertRefused(
        "such as BERT",
        new Reading(new Bases(List.of(new Llama())).open(llama, Head.TOKENS), 8, false),
        Map.of());
  }

  private static void assertRefused(String why, Reading reading, Map<String, ?> options) {
    String said = assertThrows(SitsOut.class, () -> goal(reading, options)).getMessage();
    assertTrue(said.contains(why), said);
  }

  private Reading reading(int sequence) throws IOException {
    return Classes.reading(Classes.write(folder, Head.TOKENS, ""), Head.TOKENS, sequence);
  }

  private static Objective.Goal goal(Reading reading, Map<String, ?> options) {
    return new MaskedLm().open(TestOptions.of(MaskedLm.Config.class, options), reading);
  }
}
