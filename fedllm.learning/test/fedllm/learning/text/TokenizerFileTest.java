package fedllm.learning.text;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import fedllm.api.error.SitsOut;
import fedllm.format.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What would end the process in the native library is refused by name before. */
class TokenizerFileTest {

  private static final int PIECES = 3;

  @TempDir Path folder;

  @Test
  void refusesAVocabularyThatExceedsTheEmbedding() throws IOException {
    for (JsonNode small : SmallTokenizers.all()) {
      ModelFolder model = write(small.toString());
      int tokens = (int) TokenizerFile.read(model).largestId() + 1;
      assertEquals(4 + 2 * 94 + 6, tokens);
      assertDoesNotThrow(() -> Tokenizer.check(model, tokens));
      SitsOut out = assertThrows(SitsOut.class, () -> Tokenizer.check(model, tokens - 1));
      assertTrue(
          out.getMessage().contains("has a token with the id 197, but by config.json the model"),
          out::getMessage);
    }
  }

  @Test
  void countsAddedTokensAndThoseAroundATextToo() throws IOException {
    assertLargest(5000, 1, "\"id\":3", "\"id\":5000");
    assertLargest(6000, 0, "\"[SEP]\",2", "\"[SEP]\",6000");
    assertLargest(4294967295L, 0, "\"[CLS]\",1", "\"[CLS]\",4294967295");
    assertLargest(7000, PIECES, "\"ids\":[1]", "\"ids\":[1,7000]");
    assertLargest(8000, 4, "\"ids\":[2]", "\"ids\":[8000]");
  }

  @Test
  void leavesAMissingTokenizerToWhoWantsIt() {
    assertDoesNotThrow(() -> Tokenizer.check(new ModelFolder(folder, List.of()), 1));
  }

  @Test
  void refusesMergesWithoutTheirPrefix() throws IOException {
    assertRefuses(
        "a merge does not begin with the continuing_subword_prefix",
        PIECES,
        "\"continuing_subword_prefix\":null",
        "\"continuing_subword_prefix\":\"##\"");
    assertRefuses(
        "a merge does not begin with the continuing_subword_prefix",
        2,
        "\"continuing_subword_prefix\":\"\"",
        "\"continuing_subword_prefix\":\"##\"");
  }

  @Test
  void refusesATemplateWithATokenThatIsNotThere() throws IOException {
    String known = "\"special_tokens\":{\"[";
    String other = "\"special_tokens\":{\"x[";
    assertRefuses("post_processor.single uses a token", PIECES, known, other);
    assertRefuses("post_processor.single uses a token", 4, known, other);
  }

  @Test
  void refusesToStripTheEndOfTokens() throws IOException {
    assertRefuses("decoder Strip should have stop 0", PIECES, "\"stop\":0", "\"stop\":1");
  }

  @Test
  void refusesToReplaceNothing() throws IOException {
    String says = "normalizer Replace has a pattern that fits where there is no text";
    for (String regex : List.of("", "x*", "^ ?", "\\\\b")) {
      assertRefuses(says, 1, "\" {2,}\"", "\"" + regex + "\"");
    }
    assertRefuses(says, PIECES, "\"String\":\" \"", "\"String\":\"\"");
  }

  private void assertLargest(long id, int small, String from, String to) throws IOException {
    assertEquals(id, TokenizerFile.read(write(replaced(small, from, to))).largestId());
  }

  private void assertRefuses(String words, int small, String from, String to) throws IOException {
    ModelFolder model = write(replaced(small, from, to));
    SitsOut out = assertThrows(SitsOut.class, () -> Tokenizer.open(model).close());
    assertTrue(out.getMessage().contains("tokenizer.json: " + words), out::getMessage);
  }

  private static String replaced(int small, String from, String to) {
    String json = SmallTokenizers.all().get(small).toString();
    assertTrue(json.contains(from), json);
    return json.replace(from, to);
  }

  private ModelFolder write(String json) throws IOException {
    Files.writeString(folder.resolve("tokenizer.json"), json);
    return new ModelFolder(folder, List.of());
  }
}
