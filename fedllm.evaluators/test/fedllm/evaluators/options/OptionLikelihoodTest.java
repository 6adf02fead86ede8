package fedllm.evaluators.options;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensors;
import fedllm.evaluators.StorySilo;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.peft.Adapter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptionLikelihoodTest {

  private static final Example TIME = new Example.Text("Once upon a", " time");
  private static final Example GIRL =
      new Example.Text("Once upon a time, there was a little", " girl");
  private static final Example ODD = new Example.Text("Once upon a", " girl");

  @Test
  void isTheSumOverTheAnswersTokensAlone() {
    StorySilo silo = StorySilo.of();
    try (LanguageModel model = silo.model();
        NDManager owner = model.newManager()) {
      NDList values = model.list(owner, "p", new Tensors(Adapter.NONE.schema()));
      List<Example> options = List.of(TIME, ODD, new Example.Text("Once upon a", " big dog"));
      double[] found = new Scoring(model, values, 2).scores(options, 1).likelihoods();
      int prompt = model.base().tokenizer().encode("Once upon a").length;
      for (int i = 0; i < found.length; i++) {
        Example.Text text = (Example.Text) options.get(i);
        int[] ids = model.base().tokenizer().encode(text.prompt() + text.answer());
        double sum = 0;
        for (int place = prompt; place < ids.length; place++) {
          float[] logits = model.logits(Arrays.copyOf(ids, place), values);
          double all = 0;
          for (float logit : logits) {
            all += Math.exp(logit);
          }
          sum += logits[ids[place]] - Math.log(all);
        }
        assertEquals(sum, found[i], 1e-4);
      }
    }
  }

  @Test
  void findsWhatStoriesSay() {
    Map<String, Double> found =
        measure(Map.of("labels", List.of("time", "girl", "zq")), TIME, GIRL, ODD, TIME);
    assertEquals(0.75, found.get("options"));
    assertEquals(4, found.get("optionsExamples"));
  }

  @Test
  void takesTheAnswersOfTheDataWhereNoneAreNamed() {
    assertEquals(
        measure(Map.of("labels", List.of("girl", "time")), TIME, GIRL, ODD),
        measure(Map.of("batch", 1), TIME, GIRL, ODD));
  }

  @Test
  void takesTheAnswersThatAnExampleBrings() {
    Example right = new Example.Preference(TIME, new Example.Text("Once upon a", " zq xj"));
    Example wrong = new Example.Preference(ODD, TIME);
    assertEquals(0.5, measure(Map.of(), right, wrong).get("options"));
  }

  @Test
  void dividesByCharacters() {
    Answers.Choice choice = new Answers.Choice(List.of(TIME, ODD), new int[] {1, 4}, 1);
    double[] scores = {-2, -4};
    assertFalse(choice.isLikeliest(scores));
    assertArrayEquals(new double[] {-2, -1}, choice.perCharacter(scores));
    assertTrue(choice.isLikeliest(choice.perCharacter(scores)));
  }

  @Test
  void countsATieAndWhatIsNoNumberAsWrong() {
    Answers.Choice choice = new Answers.Choice(List.of(TIME, ODD), new int[] {4, 4}, 0);
    assertFalse(choice.isLikeliest(new double[] {-1, -1}));
    assertFalse(choice.isLikeliest(new double[] {-1, Double.NaN}));
  }

  @Test
  void countsOnlyTheLastAnswerAndNotTheEnd() {
    int end = 2;
    int none = -100;
    assertArrayEquals(
        new int[] {none, none, none, 7, 8, none},
        Scoring.ofLastAnswer(new int[] {5, none, none, 7, 8, end}, end));
    assertArrayEquals(
        new int[] {none, 7, none}, Scoring.ofLastAnswer(new int[] {none, 7, none}, end));
    assertArrayEquals(new int[] {none, end}, Scoring.ofLastAnswer(new int[] {none, end}, end));
  }

  @Test
  void refusesAnAnswerThatIsNoLabelAndRepeatsNothingOfIt() {
    String message =
        assertThrows(SitsOut.class, () -> measure(Map.of("labels", List.of("A", "B")), TIME))
            .getMessage();
    assertTrue(message.contains("example 1"), message);
    assertFalse(message.contains("time"), message);
  }

  @Test
  void refusesWhatLeavesNoChoice() {
    assertThrows(SitsOut.class, () -> measure(Map.of(), TIME, TIME));
    assertThrows(SitsOut.class, () -> measure(Map.of("labels", List.of("A", "B"))));
    assertThrows(SitsOut.class, () -> measure(Map.of(), new Example.Tokens(new int[] {1, 2})));
  }

  private static Map<String, Double> measure(Map<String, ?> options, Example... examples) {
    StorySilo silo = StorySilo.of(examples);
    return silo.measure(new OptionLikelihood(silo.bases()), options);
  }
}
