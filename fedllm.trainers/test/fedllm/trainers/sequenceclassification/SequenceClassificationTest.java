package fedllm.trainers.sequenceclassification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.data.Turn;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Reading;
import fedllm.learning.model.Head;
import fedllm.learning.objective.Gradient;
import fedllm.learning.objective.Objective;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.models.bert.Bert;
import fedllm.peft.lora.Lora;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.Everywhere;
import fedllm.testkit.learning.PlainLoss;
import fedllm.trainers.Place;
import fedllm.trainers.adamw.AdamW;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequenceClassificationTest {

  private static final Head THREE = new Head(Head.Kind.SEQUENCE_CLASSES, 3);

  @TempDir Path folder;

  @Test
  void labelsAWholeTextByTheNameOfItsClass() throws IOException {
    Row row = goal(List.of(), 20).rows(new Example.Text("A b playing.", " yes\n"), 1).get(0);
    assertArrayEquals(new int[] {2, 4, 5, 10, 11, 15, 3}, row.ids());
    assertArrayEquals(new int[] {1}, row.labels());
    assertArrayEquals(new int[7], row.types());
  }

  @Test
  void countsClassesInTheOrderThatTheJobNames() throws IOException {
    Objective.Goal goal = goal(List.of("maybe", "yes", "no"), 20);
    assertEquals(0, goal.rows(new Example.Text("a", "maybe"), 1).get(0).labels()[0]);
    assertEquals(2, goal.rows(new Example.Text("a", "no"), 1).get(0).labels()[0]);
    assertEquals(THREE, new SequenceClassification().head(options(List.of("maybe", "yes", "no"))));
    assertEquals(
        new Head(Head.Kind.SEQUENCE_CLASSES, 0),
        new SequenceClassification().head(options(List.of())));
  }

  @Test
  void readsTwoTurnsOfAUserAsAPair() throws IOException {
    Row row = goal(List.of(), 20).rows(pair("a b", "c"), 1).get(0);
    assertArrayEquals(new int[] {2, 4, 5, 3, 6, 3}, row.ids());
    assertArrayEquals(new int[] {0, 0, 0, 0, 1, 1}, row.types());
    assertArrayEquals(new int[] {0}, row.labels());
  }

  @Test
  void cutsTheLongerTextFirstAndKeepsWhatStandsAround() throws IOException {
    Objective.Goal goal = goal(List.of(), 6);
    assertArrayEquals(
        new int[] {2, 4, 4, 4, 4, 3},
        goal.rows(new Example.Text("a a a a a a a", "no"), 1).get(0).ids());
    assertArrayEquals(
        new int[] {2, 4, 4, 3, 5, 3}, goal.rows(pair("a a a a", "b"), 1).get(0).ids());
    assertArrayEquals(
        new int[] {2, 4, 3, 5, 5, 3}, goal.rows(pair("a a a", "b b b b"), 1).get(0).ids());
  }

  @Test
  void refusesALabelOutsideTheClassesAndRepeatsNothingOfTheText() throws IOException {
    Objective.Goal goal = goal(List.of(), 20);
    SitsOut out =
        assertThrows(SitsOut.class, () -> goal.rows(new Example.Text("secret", "unheard-of"), 7));
    assertTrue(out.getMessage().startsWith("example 7 "), out.getMessage());
    assertTrue(out.getMessage().contains("none of the 3 classes"), out.getMessage());
    assertFalse(out.getMessage().contains("secret") || out.getMessage().contains("unheard"));
  }

  @Test
  void refusesWhatHasNoLabel() throws IOException {
    Objective.Goal goal = goal(List.of(), 20);
    Turn user = new Turn(Turn.Role.USER, "a");
    Turn assistant = new Turn(Turn.Role.ASSISTANT, "no");
    for (Example example :
        List.of(
            new Example.Tokens(new int[] {4, 5}),
            new Example.Conversation(List.of(user)),
            new Example.Conversation(List.of(assistant)),
            new Example.Conversation(List.of(user, assistant, user, assistant)),
            new Example.Conversation(List.of(user, user, user, assistant)))) {
      SitsOut out = assertThrows(SitsOut.class, () -> goal.rows(example, 3));
      assertTrue(out.getMessage().startsWith("example 3 "), out.getMessage());
    }
  }

  @Test
  void refusesLabelsThatTheHeadHasNotOrThatAreNoChoiceOfOne() throws IOException {
    assertTrue(refusal(List.of("a", "b"), "").contains("2 labels for a head of 3 classes"));
    assertTrue(refusal(List.of("a", "b", "a"), "").contains("the class a twice"));
    assertTrue(refusal(List.of(), "\"problem_type\": \"regression\",").contains("problem_type is"));
  }

  @Test
  void isTorchsCrossEntropyWithItsGradientsEverywhere() throws IOException {
    Path model = Classes.write(folder, THREE, "");
    Reading reading = Classes.reading(model, THREE, 20);
    Objective.Goal goal = new SequenceClassification().open(options(List.of()), reading);
    Batch batch =
        Batch.of(
            List.of(
                goal.rows(new Example.Text("a b c d e", "yes"), 1).get(0),
                goal.rows(pair("f", "mia plays"), 2).get(0),
                goal.rows(new Example.Text("rio", "maybe"), 3).get(0)));
    List<float[]> ours = gradient(reading, goal, batch);
    List<float[]> theirs =
        gradient(Classes.reading(model, THREE, 20), new PlainLoss(THREE.kind()), batch);
    for (int i = 0; i < ours.size(); i++) {
      assertArrayEquals(theirs.get(i), ours.get(i), 1e-5f);
    }
    assertFalse(goal.packs());
  }

  @Test
  void learnsWithAHeadThatTheFilesLack() throws IOException {
    Path base = Classes.write(folder, Head.TOKENS, "");
    List<Example> examples =
        IntStream.range(0, 24)
            .mapToObj(
                i -> {
                  String filler = Classes.WORDS.get(i % 6) + " " + Classes.WORDS.get(i * 5 % 6);
                  String word = List.of("mia", "rio", "played").get(i % 3);
                  String label = List.of("yes", "no", "maybe").get(i % 3);
                  return new Example.Text(filler + " " + word + " " + filler, label);
                })
            .<Example>map(text -> text)
            .toList();
    Options lora =
        TestOptions.of(
            Lora.Config.class,
            Map.of("targets", List.of("*"), "modulesToSave", List.of("pooler", "classifier")));
    Place place = new Place(base, new Scope("run", "bank", 1), examples, List.of(), lora);
    Options options =
        TestOptions.ofPlugin(
                AdamW.class, Map.of("steps", 40, "batch", 24, "sequence", 16, "learningRate", 0.02))
            .with("objective", new SequenceClassification(), options(List.of()));
    try (Training training = new AdamW(new Bases(List.of(new Bert()))).open(options, place)) {
      Learned learned =
          training.train(
              new Work(1, Map.of(), (what, done, of) -> {}), training.initial().tensors());
      assertEquals(Math.log(3), learned.metrics().get("loss.first"), 0.3);
      assertTrue(learned.metrics().get("loss.last") < 0.1, learned.metrics().toString());
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

  private String refusal(List<String> labels, String more) throws IOException {
    Reading reading = Classes.reading(Classes.write(folder, THREE, more), THREE, 20);
    try (var base = reading.base()) {
      return assertThrows(
              SitsOut.class, () -> new SequenceClassification().open(options(labels), reading))
          .getMessage();
    }
  }

  private Objective.Goal goal(List<String> labels, int sequence) throws IOException {
    Reading reading = Classes.reading(Classes.write(folder, THREE, ""), THREE, sequence);
    return new SequenceClassification().open(options(labels), reading);
  }

  private static Options options(List<String> labels) {
    return TestOptions.of(SequenceClassification.Config.class, Map.of("labels", labels));
  }

  private static Example pair(String first, String second) {
    return new Example.Conversation(
        List.of(
            new Turn(Turn.Role.USER, first),
            new Turn(Turn.Role.USER, second),
            new Turn(Turn.Role.ASSISTANT, "no")));
  }
}
