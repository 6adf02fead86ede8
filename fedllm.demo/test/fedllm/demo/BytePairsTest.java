package fedllm.demo;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.format.ModelFolder;
import fedllm.learning.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BytePairsTest {

  private static final List<String> TEXTS =
      List.of(
          "the cat sat on the mat", "the other cat, the older", "Question: who?\nAnswer: the cat");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "the cat",
        " two  spaces, a\ttab,\r\nand lines\n\n",
        "Ünïcödé €100 – 日本語 😀👩‍👩‍👧 \u0000\u007F\u00AD",
        "1234 don't we'll",
        "<s> is no token inside </s> a text?",
      })
  void givesBackWhatItWasGiven(String text) throws IOException {
    try (Tokenizer tokenizer = tokenizer(300)) {
      String back = tokenizer.decode(tokenizer.encode(text));
      assertEquals(text.replace("<s>", "").replace("</s>", ""), back);
    }
  }

  @Test
  void beginsEveryTextWithItsToken() throws IOException {
    try (Tokenizer tokenizer = tokenizer(300)) {
      assertEquals(0, tokenizer.encode("the")[0]);
      assertEquals(1, tokenizer.end());
    }
  }

  @Test
  void makesOneTokenOfACommonWord() throws IOException {
    BytePairs pairs = BytePairs.train(TEXTS, 300);
    try (Tokenizer tokenizer = tokenizer(300)) {
      assertArrayEquals(
          new int[] {0, pairs.id("Ġthe"), pairs.id("Ġcat")}, tokenizer.encode(" the cat"));
    }
  }

  @Test
  void stopsWhereNoPairOccursTwice() {
    int most = BytePairs.train(TEXTS, 10_000).size();
    assertTrue(most > 258 && most < 300, most + " tokens");
    assertEquals(262, BytePairs.train(TEXTS, 262).size());
  }

  @Test
  void makesTheSameTokensOfTheSameTextsInAnyOrder() throws IOException {
    List<String> reversed = new ArrayList<>(TEXTS);
    Collections.reverse(reversed);
    BytePairs.train(TEXTS, 300).write(folder.resolve("a"), 64);
    BytePairs.train(reversed, 300).write(folder.resolve("b"), 64);
    assertEquals(
        -1, Files.mismatch(folder.resolve("a/tokenizer.json"), folder.resolve("b/tokenizer.json")));
  }

  @Test
  void makesTheTokenizerThatIsShipped() throws IOException {
    Path shipped = Path.of("..", "launch", "demo", "model", "tokenizer.json");
    PretrainDemo.tokenizer(PretrainDemo.reading(new DemoTexts(42))).write(folder, 64);
    assertEquals(-1, Files.mismatch(shipped, folder.resolve("tokenizer.json")));
  }

  private Tokenizer tokenizer(int size) throws IOException {
    BytePairs pairs = BytePairs.train(TEXTS, size);
    pairs.write(folder, 64);
    Blueprint.write(folder, pairs);
    return Tokenizer.open(new ModelFolder(folder, List.of()));
  }
}
