package fedllm.runtime.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Example;
import fedllm.api.data.Row;
import fedllm.api.data.Turn;
import fedllm.api.data.Turn.Role;
import fedllm.api.error.Refused;
import fedllm.api.error.SitsOut;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {

  private final Templates templates = Templates.ofTheHouse();

  @Test
  void fillsFieldsIntoPromptAndAnswer() {
    assertEquals(
        new Example.Text("Question: 1 + 1?\nAnswer: ", "2"),
        templates.get("question").fill("f", row("question", "1 + 1?", "answer", "2")));
  }

  @Test
  void makesTwoAnswersOfWhichOneWasChosen() {
    Template template = templates.get("preference");
    assertEquals(
        new Example.Preference(
            new Example.Text("Question: 1 + 1?\nAnswer: ", "2"),
            new Example.Text("Question: 1 + 1?\nAnswer: ", "11")),
        template.fill("f", row("prompt", "1 + 1?", "chosen", "2", "rejected", "11")));
    Row same = row("prompt", "1 + 1?", "chosen", "2", "rejected", "2");
    assertThrows(SitsOut.class, () -> template.fill("f", same));
    Row half = row("prompt", "1 + 1?", "chosen", "2");
    SitsOut error = assertThrows(SitsOut.class, () -> template.fill("f", half));
    assertTrue(error.getMessage().contains("{rejected}"), error.getMessage());
  }

  @Test
  void leavesBracesInTheTextAlone() {
    assertEquals(
        "{field} {{}}",
        text(templates.get("plain").fill("f", row("text", "{field} {{}}"))).answer());
  }

  @Test
  void takesTheFormWhoseFieldsTheRowHas() {
    Template alpaca = templates.get("alpaca");
    Example.Text with =
        text(alpaca.fill("f", row("instruction", "do", "input", "this", "output", "done")));
    Example.Text without =
        text(alpaca.fill("f", row("instruction", "do", "input", " ", "response", "done")));
    assertEquals("### Instruction:\ndo\n\n### Input:\nthis\n\n### Response:\n", with.prompt());
    assertEquals("### Instruction:\ndo\n\n### Response:\n", without.prompt());
    assertEquals("done", with.answer());
    assertEquals("done", without.answer());
  }

  @Test
  void writesDoubledBracesOnce() {
    Template own = own(Map.of("prompt", "{{\"q\": \"{q}\"}}", "answer", "{{{a}}}"));
    assertEquals(new Example.Text("{\"q\": \"x\"}", "{y}"), own.fill("f", row("q", "x", "a", "y")));
  }

  @Test
  void namesFileLineTemplateAndFieldWhenItIsMissing() {
    Row row = new Row(7, Map.of("text", "secret", "label", "secret"));
    SitsOut error =
        assertThrows(SitsOut.class, () -> templates.get("intent").fill("train.csv", row));
    assertEquals(
        "train.csv:7: template intent asks for the field {category}, and none of the row's 2 is"
            + " called so; choose another template, or add the header if it is missing",
        error.getMessage());
  }

  @Test
  void repeatsNoTextThatStandsWhereAHeaderShould() {
    Row headless = row("My card was stolen, help!", "x", "card_lost", "y");
    SitsOut error =
        assertThrows(SitsOut.class, () -> templates.get("intent").fill("train.csv", headless));
    assertFalse(error.getMessage().contains("stolen"), error.getMessage());
    assertFalse(error.getMessage().contains("card_lost"), error.getMessage());
    assertTrue(error.getMessage().contains("header"), error.getMessage());
  }

  @Test
  void refusesARowThatLeavesNothingToWrite() {
    Row blank = new Row(3, Map.of("text", " "));
    SitsOut error = assertThrows(SitsOut.class, () -> templates.get("plain").fill("a.txt", blank));
    assertTrue(error.getMessage().startsWith("a.txt:3: "), error.getMessage());
  }

  @Test
  void listsTheTemplatesWhenOneIsMisspelt() {
    Refused error = assertThrows(Refused.class, () -> templates.get("intend"));
    assertEquals(
        "no template is called intend; there are"
            + " [alpaca, intent, plain, preference, pubmed, pubmed-closed-book, question]",
        error.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "{text", "}", "{text}}", "{}", "{a|}", "{ }"})
  void refusesBracesThatDoNotPair(String answer) {
    Refused error = assertThrows(Refused.class, () -> own(Map.of("prompt", "", "answer", answer)));
    assertTrue(error.getMessage().startsWith("template own, answer: "), error.getMessage());
  }

  @Test
  void refusesWhatHasNoPromptAndAnswer() {
    assertThrows(Refused.class, () -> own(Map.of("prompt", "x")));
    assertThrows(Refused.class, () -> own(Map.of("prompt", "x", "anwser", "y")));
    assertThrows(Refused.class, () -> own(List.of()));
    assertThrows(Refused.class, () -> own("{text}"));
  }

  @Test
  void prefersTheJobsOwnTemplateToTheHouses() {
    Templates more = templates.and(Map.of("plain", Map.of("prompt", "Say: ", "answer", "{text}")));
    assertEquals("Say: ", text(more.get("plain").fill("f", row("text", "a"))).prompt());
    assertEquals("", text(templates.get("plain").fill("f", row("text", "a"))).prompt());
  }

  @Test
  void takesAConversationAsItIs() {
    List<Turn> turns = List.of(new Turn(Role.USER, "1 + 1?"), new Turn(Role.ASSISTANT, "2"));
    assertEquals(
        new Example.Conversation(turns),
        templates.get("plain").fill("f", new Row(1, Map.of("id", "7"), turns)));
  }

  @Test
  void refusesAConversationInWhichNobodyAnswers() {
    Row row = new Row(4, Map.of(), List.of(new Turn(Role.USER, "secret")));
    SitsOut error = assertThrows(SitsOut.class, () -> templates.get("plain").fill("f", row));
    assertTrue(error.getMessage().startsWith("f:4: "), error.getMessage());
    assertFalse(error.getMessage().contains("secret"), error.getMessage());
  }

  @Test
  void makesTurnsOfFields() {
    Template own =
        own(
            Map.of(
                "turns",
                List.of(
                    Map.of("system", "Be brief."),
                    Map.of("user", "{q}"),
                    Map.of("assistant", "{a}"))));
    assertEquals(
        new Example.Conversation(
            List.of(
                new Turn(Role.SYSTEM, "Be brief."),
                new Turn(Role.USER, "1 + 1?"),
                new Turn(Role.ASSISTANT, "2"))),
        own.fill("f", row("q", "1 + 1?", "a", "2")));
    SitsOut error = assertThrows(SitsOut.class, () -> own.fill("f", row("q", "1 + 1?")));
    assertTrue(error.getMessage().contains("{a}"), error.getMessage());
  }

  @Test
  void refusesTurnsOfNobody() {
    assertThrows(Refused.class, () -> own(Map.of("turns", List.of())));
    assertThrows(Refused.class, () -> own(Map.of("turns", List.of(Map.of("human", "{q}")))));
    assertThrows(
        Refused.class, () -> own(Map.of("turns", List.of(Map.of("user", "a", "assistant", "b")))));
  }

  @Test
  void saysThatARowIsNoConversation() {
    Template own = own("conversation");
    SitsOut error = assertThrows(SitsOut.class, () -> own.fill("f", row("text", "secret")));
    assertTrue(error.getMessage().contains("sharegpt"), error.getMessage());
  }

  private static Example.Text text(Example example) {
    return (Example.Text) example;
  }

  private static Row row(String... namesAndValues) {
    Map<String, String> fields = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return new Row(1, fields);
  }

  private Template own(Object forms) {
    return templates.and(Map.of("own", forms)).get("own");
  }
}
