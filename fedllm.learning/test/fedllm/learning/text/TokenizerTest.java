package fedllm.learning.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import fedllm.api.error.SitsOut;
import fedllm.format.ModelFolder;
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
      assertArrayEquals(new int[] {1, 403, 407, 261, 378, 2}, row.ids());
      assertEquals(1, row.first());
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
      assertTrue(!tokenizer.encode("Once upon", " a time", 3, true).teaches());
    }
  }

  @Test
  void cutsTextsAtTheEnd() {
    try (Tokenizer tokenizer = stories()) {
      Row row = tokenizer.encode("Once upon", " a time", 4, false);
      assertArrayEquals(new int[] {1, 403, 407, 261}, row.ids());
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
    return Arrays.copyOfRange(row.ids(), row.first(), row.ids().length);
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
