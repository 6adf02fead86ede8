package fedllm.evaluators.tokenaccuracy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.evaluators.SmallLlama;
import fedllm.evaluators.StorySilo;
import fedllm.evaluators.perplexity.Perplexity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenAccuracyTest {

  @TempDir Path folder;

  @Test
  void isTheShareOfTokensThatAreTheLikeliest() throws IOException {
    List<int[]> texts = new ArrayList<>();
    for (int length = 3; length < 20; length++) {
      int n = length;
      texts.add(IntStream.range(0, n).map(i -> (i * 7 + n * 3) % 23).toArray());
    }
    texts.add(SmallLlama.greedy(SmallLlama.silo(folder, texts), 5, 12));
    StorySilo silo = SmallLlama.silo(folder, texts);
    int right = 0;
    int all = 0;
    for (int[] text : texts) {
      int[] likeliest = SmallLlama.likeliest(silo, text);
      for (int i = 1; i < text.length; i++) {
        right += text[i] == likeliest[i - 1] ? 1 : 0;
        all++;
      }
    }
    assertTrue(right > 0 && right < all);
    assertEquals(
        Map.of("tokenAccuracy", (double) right / all, "tokenAccuracyTokens", (double) all),
        silo.measure(new TokenAccuracy(silo.bases()), Map.of("batch", 4)));
  }

  @Test
  void countsTheTokensThatPerplexityCounts() {
    StorySilo silo = StorySilo.of(new Example.Text("Once upon a time, there", " was a girl."));
    for (String loss : List.of("all", "answer")) {
      Map<String, ?> options = Map.of("loss", loss);
      assertEquals(
          silo.measure(new Perplexity(silo.bases()), options).get("tokens"),
          silo.measure(new TokenAccuracy(silo.bases()), options).get("tokenAccuracyTokens"));
    }
  }

  @Test
  void saysThatNothingIsHeldOut() throws IOException {
    StorySilo silo = SmallLlama.silo(folder, List.of());
    assertThrows(SitsOut.class, () -> silo.measure(new TokenAccuracy(silo.bases()), Map.of()));
  }
}
