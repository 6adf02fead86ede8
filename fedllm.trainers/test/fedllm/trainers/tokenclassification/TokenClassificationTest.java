package fedllm.trainers.tokenclassification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensors;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Reading;
import fedllm.learning.model.Head;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.Everywhere;
import fedllm.testkit.learning.PlainLoss;
import fedllm.trainers.sequenceclassification.Classes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenClassificationTest {

  private static final Head THREE = new Head(Head.Kind.TOKEN_CLASSES, 3);
  private static final int NONE = (int) Batch.NONE;

  @TempDir Path folder;

  @Test
  void labelsTheFirstTokenOfEachWord() throws IOException {
    Row row = rows(reading(20), "Mia  playing\nrio.", "yes no maybe").get(0);
    assertArrayEquals(new int[] {2, 13, 10, 11, 14, 15, 3}, row.ids());
    assertArrayEquals(new int[] {NONE, 1, 0, NONE, 2, NONE, NONE}, row.labels());
  }

  @Test
  void countsCharactersAsTheyAreAndNotAsJavaCodesThem() throws IOException {
    Row row = rows(reading(20), "\uD83D\uDE00\uD83D\uDE00 a b", "no yes maybe").get(0);
    assertArrayEquals(new int[] {2, 1, 4, 5, 3}, row.ids());
    assertArrayEquals(new int[] {NONE, 0, 1, 2, NONE}, row.labels());
  }

  @Test
  void cutsLabelsWithTheirWords() throws IOException {
    Row row = rows(reading(4), "a b c d", "no yes no yes").get(0);
    assertArrayEquals(new int[] {2, 4, 5, 3}, row.ids());
    assertArrayEquals(new int[] {NONE, 0, 1, NONE}, row.labels());
  }

  @ParameterizedTest
  @CsvSource({
    "a b, no, has 2 words and 1 labels",
    "a b, '', has 2 words and 0 labels",
    "a, no yes, has 1 words and 2 labels",
    "a b, no never, has a label that is none of the 3 classes",
    "a b c d e f a b c d e f, no no no no no no no no no no no never, none of the 3 classes"
  })
  void refusesLabelsThatDoNotFitByTheExamplesNumber(String text, String labels, String why)
      throws IOException {
    Reading reading = reading(6);
    SitsOut out = assertThrows(SitsOut.class, () -> rows(reading, text, labels));
    assertTrue(out.getMessage().startsWith("example 5 "), out.getMessage());
    assertTrue(out.getMessage().contains(why), out.getMessage());
  }

  @Test
  void isTorchsCrossEntropyWithItsGradientsEverywhere() throws IOException {
    Reading reading = reading(20);
    Batch batch =
        Batch.of(
            List.of(
                rows(reading, "a b c playing", "no yes no maybe").get(0),
                rows(reading, "mia played", "maybe no").get(0)));
    List<float[]> ours = gradient(reading, goal(reading), batch);
    List<float[]> theirs =
        gradient(
            Classes.reading(folder.resolve("model"), THREE, 20),
            new PlainLoss(THREE.kind()),
            batch);
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

  private Reading reading(int sequence) throws IOException {
    return Classes.reading(Classes.write(folder, THREE, ""), THREE, sequence);
  }

  private static Objective.Goal goal(Reading reading) {
    return new TokenClassification().open(TestOptions.none(), reading);
  }

  private static List<Row> rows(Reading reading, String text, String labels) {
    return goal(reading).rows(new Example.Text(text, labels), 5);
  }
}
