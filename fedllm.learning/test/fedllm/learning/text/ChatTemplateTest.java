package fedllm.learning.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.data.Example.Conversation;
import fedllm.api.data.Turn;
import fedllm.api.data.Turn.Role;
import fedllm.api.error.SitsOut;
import fedllm.format.ModelFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatTemplateTest {

  static final Clock NOON = Clock.fixed(Instant.parse("2026-02-03T12:00:00Z"), ZoneOffset.UTC);

  static final Turn SCENE = new Turn(Role.SYSTEM, "Be brief.");

  static final List<Turn> TALK =
      List.of(
          new Turn(Role.USER, "Who? "),
          new Turn(Role.ASSISTANT, " Ada."),
          new Turn(Role.USER, "When?"),
          new Turn(Role.ASSISTANT, "In 1843."));

  @TempDir Path folder;

  @Test
  void writesALlama2Conversation() throws Exception {
    ChatTemplate template = template("llama2");
    assertEquals(
        "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nWho? [/INST] Ada. </s><s>[INST] When? [/INST]",
        template.prompt(with(SCENE, TALK.subList(0, 3)), NOON));
    assertEquals(List.of(" Ada. </s>", " In 1843. </s>"), answers(template.mark(TALK)));
  }

  @Test
  void writesALlama3Conversation() throws Exception {
    ChatTemplate template = template("llama3");
    assertEquals(
        "<s><|start_header_id|>system<|end_header_id|>\n\nToday Date: 03 Feb 2026\n\n<|eot_id|>"
            + "<|start_header_id|>user<|end_header_id|>\n\nWho?<|eot_id|>"
            + "<|start_header_id|>assistant<|end_header_id|>\n\n",
        template.prompt(TALK.subList(0, 1), NOON));
    assertEquals(List.of("Ada.<|eot_id|>", "In 1843.<|eot_id|>"), answers(template.mark(TALK)));
    assertTrue(template.mark(TALK).text().contains("26 Jul 2024"), "learning knows one day only");
  }

  @Test
  void writesAMistralConversation() throws Exception {
    ChatTemplate template = template("mistral");
    assertEquals(
        "<s>[INST]Who? [/INST] Ada.</s>[INST]Be brief.\n\nWhen?[/INST]",
        template.prompt(with(SCENE, TALK.subList(0, 3)), NOON));
    assertEquals(List.of(" Ada.</s>", " In 1843.</s>"), answers(template.mark(TALK)));
  }

  @Test
  void writesAQwen2Conversation() throws Exception {
    ChatTemplate template = template("qwen2");
    assertEquals(
        """
        <|im_start|>system
        You are helpful.<|im_end|>
        <|im_start|>user
        Who? <|im_end|>
        <|im_start|>assistant
        """,
        template.prompt(TALK.subList(0, 1), NOON));
    assertEquals(
        List.of(" Ada.<|im_end|>\n", "In 1843.<|im_end|>\n"),
        answers(template.mark(with(SCENE, TALK))));
  }

  @Test
  void writesAQwen3ConversationWithItsLastThoughtAlone() throws Exception {
    ChatTemplate template = template("qwen3");
    List<Turn> thoughtful =
        List.of(
            TALK.get(0),
            new Turn(Role.ASSISTANT, "<think>\nHm.\n</think>\n\nAda."),
            TALK.get(2),
            new Turn(Role.ASSISTANT, "<think>\nLong ago.\n</think>\n\nIn 1843."));
    Marked marked = template.mark(thoughtful);
    assertEquals(
        """
        <|im_start|>user
        Who? <|im_end|>
        <|im_start|>assistant
        Ada.<|im_end|>
        <|im_start|>user
        When?<|im_end|>
        <|im_start|>assistant
        <think>
        Long ago.
        </think>

        In 1843.<|im_end|>
        """,
        marked.text());
    assertEquals(
        List.of("Ada.<|im_end|>\n", "<think>\nLong ago.\n</think>\n\nIn 1843.<|im_end|>\n"),
        answers(marked));
  }

  @Test
  void writesAGemmaConversation() throws Exception {
    ChatTemplate template = template("gemma");
    assertEquals(
        """
        <s><start_of_turn>user
        Who?<end_of_turn>
        <start_of_turn>model
        Ada.<end_of_turn>
        <start_of_turn>user
        When?<end_of_turn>
        <start_of_turn>model
        """,
        template.prompt(TALK.subList(0, 3), NOON));
    assertEquals(
        List.of("Ada.<end_of_turn>\n", "In 1843.<end_of_turn>\n"), answers(template.mark(TALK)));
  }

  @Test
  void writesAPhi3ConversationWhoseEndStandsAfterItsTurns() throws Exception {
    ChatTemplate template = template("phi3");
    assertEquals(
        "<|system|>\nBe brief.<|end|>\n<|user|>\nWho? <|end|>\n<|assistant|>\n",
        template.prompt(with(SCENE, TALK.subList(0, 1)), NOON));
    assertTrue(template.mark(TALK).text().endsWith("In 1843.<|end|>\n</s>"));
    assertEquals(List.of(" Ada.<|end|>\n", "In 1843.<|end|>\n"), answers(template.mark(TALK)));
  }

  @Test
  void writesAZephyrConversationWhichAsksInsideItsLoop() throws Exception {
    ChatTemplate template = template("zephyr");
    assertEquals(
        "<|system|>\nBe brief.</s>\n<|user|>\nWho? </s>\n<|assistant|>\n",
        template.prompt(with(SCENE, TALK.subList(0, 1)), NOON));
    assertEquals(List.of(" Ada.</s>\n", "In 1843.</s>\n"), answers(template.mark(TALK)));
  }

  @ParameterizedTest
  @CsvSource({
    "llama2, </s>",
    "llama3, <|eot_id|>",
    "mistral, </s>",
    "qwen2, <|im_end|>",
    "qwen3, <|im_end|>",
    "gemma, <end_of_turn>",
    "phi3, <|end|>",
    "zephyr, </s>",
    "generation, <|end|>"
  })
  void knowsWhatEndsAnAnswer(String name, String ending) throws Exception {
    assertEquals(ending, template(name).ending());
  }

  @Test
  void takesGenerationBlocksAtTheirWord() throws Exception {
    Marked marked = template("generation").mark(TALK);
    assertTrue(marked.text().startsWith("<|user|>Who? <|end|><|assistant|> Ada.<|end|>"));
    assertEquals(List.of(" Ada.<|end|>", "In 1843.<|end|>"), answers(marked));
  }

  @Test
  void writesChatMlAndPlainTextForModelsThatComeWithout() throws Exception {
    ModelFolder model = model(Map.of("eos_token", "</s>"));
    ChatTemplate chatml = ChatTemplate.named("chatml", model);
    assertEquals(
        "<|im_start|>user\nWho? <|im_end|>\n<|im_start|>assistant\n",
        chatml.prompt(TALK.subList(0, 1), NOON));
    assertEquals(List.of(" Ada.<|im_end|>\n", "In 1843.<|im_end|>\n"), answers(chatml.mark(TALK)));
    ChatTemplate plain = ChatTemplate.named("plain", model);
    assertEquals("\nuser:", plain.ending());
    assertEquals("user: Who? \nassistant:", plain.prompt(TALK.subList(0, 1), NOON));
    assertEquals(PlainTurns.of(new Conversation(TALK)).text(), plain.mark(TALK).text());
    ChatTemplate question = ChatTemplate.named("question", model);
    assertEquals("Question: Who? \nAnswer:", question.prompt(TALK.subList(0, 1), NOON));
    assertEquals(List.of("  Ada.</s>\n", " In 1843.</s>\n"), answers(question.mark(TALK)));
  }

  @Test
  void leavesTheTokensAroundPlainTextToTheTokenizer() {
    String data = System.getenv("FEDLLM_DATA");
    assumeTrue(data != null, "FEDLLM_DATA names no folder");
    ModelFolder stories = new ModelFolder(Path.of(data, "stories260k"), List.of());
    assumeTrue(Files.isDirectory(stories.folder()), "there is no stories260k");
    List<Turn> turns = TALK.subList(0, 1);
    try (Tokenizer tokenizer = Tokenizer.open(stories)) {
      ChatTemplate plain = ChatTemplate.named("plain", stories);
      assertArrayEquals(
          tokenizer.encode(plain.prompt(turns, NOON)), plain.prompt(turns, NOON, tokenizer));
      ChatTemplate chatml = ChatTemplate.named("chatml", stories);
      assertArrayEquals(
          tokenizer.encodeWritten(chatml.prompt(turns, NOON)),
          chatml.prompt(turns, NOON, tokenizer));
    }
  }

  @Test
  void saysWhatToDoWithAModelThatComesWithout() throws Exception {
    ModelFolder model = model(Map.of());
    SitsOut out = assertThrows(SitsOut.class, () -> ChatTemplate.of(model));
    assertTrue(out.getMessage().contains("chatml, plain, question"), out.getMessage());
    out = assertThrows(SitsOut.class, () -> ChatTemplate.named("cahtml", model));
    assertTrue(out.getMessage().contains("cahtml"), out.getMessage());
  }

  @Test
  void takesTheFileBeforeTheSettingsAndOfSeveralTheDefault() throws Exception {
    Object named =
        List.of(
            Map.of("name", "tool_use", "template", "a"),
            Map.of("name", "default", "template", "b{{ eos_token }}"));
    ModelFolder model =
        model(Map.of("chat_template", named, "eos_token", Map.of("content", "</s>")));
    assertEquals("b</s>", ChatTemplate.of(model).prompt(TALK, NOON));
    Files.writeString(folder.resolve("chat_template.jinja"), "c");
    assertEquals("c", ChatTemplate.of(model).prompt(TALK, NOON));
    Path file = Files.writeString(folder.resolve("mine.jinja"), "d");
    assertEquals("d", ChatTemplate.named(file.toString(), model).prompt(TALK, NOON));
  }

  private ChatTemplate template(String name) throws IOException {
    return template(folder, name);
  }

  /** One of those that came with well-known models. */
  static ChatTemplate template(Path folder, String name) throws IOException {
    try (var in = ChatTemplateTest.class.getResourceAsStream("templates/" + name + ".jinja")) {
      String source = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return ChatTemplate.of(
          model(folder, Map.of("chat_template", source, "bos_token", "<s>", "eos_token", "</s>")));
    }
  }

  private ModelFolder model(Map<String, Object> settings) throws IOException {
    return model(folder, settings);
  }

  /** A folder whose tokenizer has these settings. */
  static ModelFolder model(Path folder, Map<String, Object> settings) throws IOException {
    Files.write(
        folder.resolve("tokenizer_config.json"), new ObjectMapper().writeValueAsBytes(settings));
    return new ModelFolder(folder, List.of());
  }

  static List<Turn> with(Turn first, List<Turn> others) {
    return Stream.concat(Stream.of(first), others.stream()).toList();
  }

  private static List<String> answers(Marked marked) {
    return marked.answers().stream()
        .map(span -> marked.text().substring(span.from(), span.to()))
        .collect(Collectors.toList());
  }
}
