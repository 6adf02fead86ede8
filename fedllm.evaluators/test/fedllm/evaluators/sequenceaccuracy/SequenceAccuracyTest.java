package fedllm.evaluators.sequenceaccuracy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import fedllm.api.data.Example;
import fedllm.api.error.SitsOut;
import fedllm.evaluators.SmallLlama;
import fedllm.evaluators.StorySilo;
import fedllm.evaluators.perplexity.Perplexity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequenceAccuracyTest {

  private static final Example TIME =
      new Example.Text("Once upon a time, there", " was a little girl");

  @TempDir Path folder;

  @Test
  void isTheShareOfTextsWithoutATokenThatIsNotTheLikeliest() throws IOException {
    StorySilo empty = SmallLlama.silo(folder, List.of());
    int[] first = SmallLlama.greedy(empty, 3, 6);
    int[] second = SmallLlama.greedy(empty, 7, 9);
    int[] last = second.clone();
    last[8] = (last[8] + 1) % 23;
    int[] early = second.clone();
    early[1] = (early[1] + 1) % 23;
    StorySilo silo = SmallLlama.silo(folder, List.of(first, last, second, early, first));
    assertEquals(
        Map.of(
            "sequenceAccuracy",
            0.6,
            "sequenceAccuracyExamples",
            5.0,
            "sequenceAccuracyTokens",
            34.0),
        silo.measure(new SequenceAccuracy(silo.bases()), Map.of("batch", 3)));
  }

  @Test
  void looksAtAnswersAlone() {
    StorySilo silo = StorySilo.of(TIME);
    assertEquals(
        silo.measure(new Perplexity(silo.bases()), Map.of("loss", "answer")).get("tokens"),
        silo.measure(new SequenceAccuracy(silo.bases()), Map.of()).get("sequenceAccuracyTokens"));
  }

  @Test
  void refusesATextWhoseAnswerIsNotRead() {
    StorySilo silo = StorySilo.of(TIME);
    SitsOut out =
        assertThrows(
            SitsOut.class,
            () -> silo.measure(new SequenceAccuracy(silo.bases()), Map.of("sequence", 4)));
    assertEquals(
        "example 1 has no answer among its first 4 tokens; raise sequence, or leave it out",
        out.getMessage());
  }
}
