package fedllm.evaluators.exactmatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.data.Example;
import fedllm.api.data.Turn;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensors;
import fedllm.evaluators.StorySilo;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.measure.Question;
import fedllm.learning.peft.Adapter;
import fedllm.testkit.TestOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExactMatchTest {

  private static final String LONG = "Once upon a time, there was a little girl";
  private static final String SHORT = "One day,";

  @Test
  void isTheShareOfAnswersThatTheModelWrites() {
    Example right = new Example.Text(LONG, goesOn(LONG, 12));
    Example other = new Example.Text(SHORT, goesOn(SHORT, 12));
    Example wrong = new Example.Text(LONG, " zq");
    assertEquals(1, measure(12, right, other).get("exactMatch"));
    Map<String, Double> mixed = measure(12, wrong, right, other);
    assertEquals(2.0 / 3, mixed.get("exactMatch"), 1e-15);
    assertEquals(3, mixed.get("exactMatchExamples"));
  }

  @Test
  void endsAtAStopThatIsNoPartOfTheAnswer() {
    String text = goesOn(LONG, 60);
    String sentence = text.substring(0, text.indexOf('.'));
    Example example = new Example.Text(LONG, sentence);
    StorySilo silo = StorySilo.of(example);
    Map<String, ?> options = Map.of("maxTokens", 60, "stops", List.of("."), "compare", "text");
    assertEquals(1, silo.measure(new ExactMatch(silo.bases()), options).get("exactMatch"));
    assertEquals(0, measure(60, example).get("exactMatch"));
  }

  @Test
  void endsInAConversationWhereTheChatTemplateEndsATurn(@TempDir Path folder) throws IOException {
    try (Stream<Path> files = Files.list(StorySilo.stories())) {
      for (Path file : files.toList()) {
        Files.copy(file, folder.resolve(file.getFileName().toString()));
      }
    }
    Files.writeString(
        folder.resolve("chat_template.jinja"),
        "{% for message in messages %}{{ message.content + '.' }}{% endfor %}");
    String text = goesOn(LONG + ".", 60).strip();
    String sentence = text.substring(0, text.indexOf('.'));
    Example talk =
        new Example.Conversation(
            List.of(new Turn(Turn.Role.USER, LONG), new Turn(Turn.Role.ASSISTANT, sentence)));
    StorySilo silo = StorySilo.at(folder, talk, new Example.Text(LONG + ".", sentence));
    Map<String, ?> options = Map.of("maxTokens", 60, "compare", "text");
    assertEquals(0.5, silo.measure(new ExactMatch(silo.bases()), options).get("exactMatch"));
  }

  @Test
  void aBlankBetweenPromptAndAnswerBelongsToTheAnswersFirstWord() {
    StorySilo silo = StorySilo.of();
    try (LanguageModel model = silo.model()) {
      int[] before = Question.of(model, new Example.Text("Once upon a", " time"), 1).prompt();
      int[] behind = Question.of(model, new Example.Text("Once upon a ", "time"), 1).prompt();
      assertEquals(Arrays.toString(before), Arrays.toString(behind));
      assertEquals(
          Arrays.toString(model.base().tokenizer().encode("Once upon a")), Arrays.toString(before));
    }
  }

  @Test
  void asksForTheLastAnswerOfAConversation() {
    StorySilo silo = StorySilo.of();
    try (LanguageModel model = silo.model()) {
      List<Turn> turns =
          List.of(
              new Turn(Turn.Role.USER, "One day"),
              new Turn(Turn.Role.ASSISTANT, "a bird came."),
              new Turn(Turn.Role.USER, "And then?"),
              new Turn(Turn.Role.ASSISTANT, "It sang."));
      Question question = Question.of(model, new Example.Conversation(turns), 1);
      assertEquals("It sang.", question.answer());
      String asked = model.base().tokenizer().decode(question.prompt());
      assertTrue(asked.contains("a bird came.") && asked.contains("And then?"), asked);
      assertFalse(asked.contains("It"), asked);
      assertThrows(
          SitsOut.class,
          () -> Question.of(model, new Example.Conversation(turns.subList(0, 3)), 1));
    }
  }

  @Test
  void comparesWordsOrTextOrWhatFollowsAMark() {
    assertTrue(matches(Map.of(), " The Cat.", "cat"));
    assertFalse(matches(Map.of(), "cats", "cat"));
    assertFalse(matches(Map.of("compare", "text"), "Cat", "cat"));
    assertTrue(matches(Map.of("compare", "text"), " cat\n", "cat"));
    Map<String, ?> mark = Map.of("after", "####");
    assertTrue(matches(mark, "2 + 3 = 5 #### 5", "It is #### 4, no, #### 5"));
    assertFalse(matches(mark, "5 #### 6", "#### 5"));
  }

  @Test
  void refusesWhatCannotBeAnswered() {
    assertThrows(SitsOut.class, () -> measure(4));
    String text = "One day, a bird came. ".repeat(200);
    String message =
        assertThrows(SitsOut.class, () -> measure(4, new Example.Text(text, "It sang.")))
            .getMessage();
    assertTrue(message.startsWith("example 1 has "), message);
    StorySilo silo = StorySilo.of();
    assertThrows(
        SitsOut.class,
        () -> silo.measure(new ExactMatch(silo.bases()), Map.of("stops", List.of(""))));
  }

  private static boolean matches(Map<String, ?> options, String written, String answer) {
    return ExactMatch.matches(
        TestOptions.of(ExactMatch.Config.class, options).as(ExactMatch.Config.class),
        written,
        answer);
  }

  private static Map<String, Double> measure(int maxTokens, Example... examples) {
    StorySilo silo = StorySilo.of(examples);
    return silo.measure(
        new ExactMatch(silo.bases()), Map.of("maxTokens", maxTokens, "compare", "text"));
  }

  /** What the model writes behind a text, token by token without a batch. */
  private static String goesOn(String text, int tokens) {
    try (LanguageModel model = StorySilo.of().model();
        NDManager owner = model.newManager()) {
      NDList none = model.list(owner, "p", new Tensors(Adapter.NONE.schema()));
      int end = model.base().tokenizer().end();
      int[] whole = model.base().tokenizer().encode(text);
      for (int i = 0; i < tokens && whole[whole.length - 1] != end; i++) {
        float[] logits = model.logits(whole, none);
        int next = 0;
        for (int token = 1; token < logits.length; token++) {
          next = logits[token] > logits[next] ? token : next;
        }
        whole = Arrays.copyOf(whole, whole.length + 1);
        whole[whole.length - 1] = next;
      }
      return model.base().tokenizer().decode(whole).substring(text.length());
    }
  }
}
