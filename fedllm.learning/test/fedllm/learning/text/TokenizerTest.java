package fedllm.learning.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import fedllm.api.data.Example;
import fedllm.api.data.Turn;
import fedllm.api.data.Turn.Role;
import fedllm.api.error.SitsOut;
import fedllm.format.ModelFolder;
import fedllm.learning.text.Marked.Span;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {

  @TempDir Path folder;

  @Test
  void putsBeginningAndEndAroundAText() {
    try (Tokenizer tokenizer = stories()) {
      assertArrayEquals(new int[] {1, 403, 407, 261, 378}, tokenizer.encode("Once upon a time"));
      assertEquals(2, tokenizer.end());
      Row row = tokenizer.encode("Once upon", " a time", 100, false);
      assertArrayEquals(new int[] {1, 403, 407, 261, 378}, row.ids());
      assertArrayEquals(new int[] {403, 407, 261, 378, 2}, row.labels());
      assertEquals("Once upon a time", tokenizer.decode(row.ids()));
    }
  }

  @Test
  void knowsWhereTheAnswerBegins() {
    try (Tokenizer tokenizer = stories()) {
      Row row = tokenizer.encode("Once upon", " a time", 100, true);
      assertArrayEquals(new int[] {261, 378, 2}, tail(row));
      Row accents = tokenizer.encode("Été à Köln 🙂🙂: ", "naïve 🙂", 100, true);
      assertEquals("naïve 🙂", tokenizer.decode(tail(accents)).strip());
      assertEquals(0, tokenizer.encode("Once upon", " a time", 3, true).targets());
    }
  }

  @Test
  void countsOnlyWhatTheAssistantSays() {
    Example.Conversation talk =
        new Example.Conversation(
            List.of(
                new Turn(Role.SYSTEM, "Été 🙂"),
                new Turn(Role.USER, "Who?"),
                new Turn(Role.ASSISTANT, "Lily 🙂"),
                new Turn(Role.USER, "And?"),
                new Turn(Role.ASSISTANT, "Tom")));
    Marked marked = PlainTurns.of(talk);
    assertEquals(
        "system: Été 🙂\nuser: Who?\nassistant: Lily 🙂\nuser: And?\nassistant: Tom\n",
        marked.text());
    try (Tokenizer tokenizer = stories()) {
      assertEquals("Lily 🙂\n Tom\n</s>", counted(tokenizer, tokenizer.encode(marked, 200, true)));
      Row all = tokenizer.encode(marked, 200, false);
      assertEquals(all.length(), all.targets());
      assertEquals(0, tokenizer.encode(marked, 9, true).targets());
      Row open = tokenizer.encode(new Marked("a b\nc d", List.of(new Span(0, 4))), 99, true);
      assertEquals("a b\n", counted(tokenizer, open).stripLeading(), "the end is nobody's answer");
    }
  }

  private static String counted(Tokenizer tokenizer, Row row) {
    return tokenizer.show(tail(row));
  }

  @Test
  void laysConversationsOutByTheModelsOwnTemplate() throws Exception {
    Path data = data("stories260k");
    Files.copy(data.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        """
        {"eos_token": "</s>", "bos_token": "<s>", "chat_template":
        "{{ bos_token }}{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}\
        {% else %}{{ m.content + eos_token }}{% endif %}{% endfor %}"}
        """);
    Files.writeString(folder.resolve("config.json"), "{}");
    Example.Conversation talk =
        new Example.Conversation(
            List.of(
                new Turn(Role.USER, "Once upon"),
                new Turn(Role.ASSISTANT, " a time"),
                new Turn(Role.USER, "Once upon"),
                new Turn(Role.ASSISTANT, " a time")));
    try (Tokenizer tokenizer = Tokenizer.open(new ModelFolder(folder, List.of()))) {
      Row row = tokenizer.encode(talk, 100, true);
      assertEquals("<s> Once upon a time</s> Once upon a time", tokenizer.show(row.ids()));
      assertArrayEquals(new int[] {261, 378, 2, 261, 378, 2}, tail(row));
    }
  }

  @Test
  void cutsTextsAtTheEnd() {
    try (Tokenizer tokenizer = stories()) {
      Row row = tokenizer.encode("Once upon", " a time", 4, false);
      assertArrayEquals(new int[] {1, 403, 407}, row.ids());
      assertArrayEquals(new int[] {403, 407, 261}, row.labels());
    }
  }

  @Test
  void readsFilesThatDoNotSayTheyAreBpe() throws Exception {
    Path data = data("tokenizer-gpt2");
    Files.copy(data.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
    Files.writeString(folder.resolve("config.json"), "{\"eos_token_id\": [50256, 7]}");
    try (Tokenizer tokenizer = Tokenizer.open(new ModelFolder(folder, List.of()))) {
      assertArrayEquals(new int[] {15496, 995}, tokenizer.encode("Hello world"));
      assertEquals(50256, tokenizer.end());
    }
  }

  @Test
  void saysWhichFileIsNoTokenizer() throws Exception {
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": 3}");
    SitsOut out =
        assertThrows(SitsOut.class, () -> Tokenizer.open(new ModelFolder(folder, List.of())));
    assertTrue(out.getMessage().contains("tokenizer.json: "), out.getMessage());
  }

  private static int[] tail(Row row) {
    return Arrays.stream(row.labels()).filter(label -> label != Batch.NONE).toArray();
  }

  private static Tokenizer stories() {
    return Tokenizer.open(new ModelFolder(data("stories260k"), List.of()));
  }

  private static Path data(String name) {
    String data = System.getenv("FEDLLM_DATA");
    assumeTrue(data != null, "FEDLLM_DATA names no folder");
    Path folder = Path.of(data, name);
    assumeTrue(Files.isDirectory(folder), "there is no " + name);
    return folder;
  }
}
