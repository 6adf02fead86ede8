package fedllm.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.error.SitsOut;
import fedllm.cli.chat.ChatOptions;
import fedllm.format.ModelFolder;
import fedllm.learning.generate.Sampling;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class HabitsTest {

  @TempDir private Path folder;

  @Test
  void takesTheLikeliestWhereNobodySaysOtherwise() {
    assertEquals(Sampling.GREEDY, habits());
  }

  @Test
  void drawsAsTheModelsFileSaysUnlessTheUserSaysOtherwise() throws IOException {
    write("{\"do_sample\": true, \"temperature\": 0.6, \"top_p\": 0.9}");
    assertEquals(new Sampling(0.6, 50, 0.9, 1, 0), habits());
    assertEquals(
        new Sampling(0, 7, 0.5, 1.2, 9),
        habits(
            "--temperature",
            "0",
            "--top-k",
            "7",
            "--top-p",
            "0.5",
            "--repetition",
            "1.2",
            "--seed",
            "9"));
  }

  @Test
  void doesNotDrawIfTheModelsFileDoesNot() throws IOException {
    write("{\"temperature\": 0.6, \"repetition_penalty\": 1.1}");
    assertEquals(new Sampling(0, 0, 1, 1.1, 0), habits());
    write("{\"do_sample\": false, \"temperature\": 0.6}");
    assertEquals(Sampling.GREEDY, habits());
  }

  @Test
  void refusesWhatIsOutOfRange() {
    assertThrows(Refused.class, () -> habits("--top-p", "2"));
    assertThrows(Refused.class, () -> habits("--temperature", "-1"));
  }

  @Test
  void namesTheKeyThatIsNoNumber() throws IOException {
    write("{\"do_sample\": true, \"top_p\": \"much\"}");
    SitsOut out = assertThrows(SitsOut.class, this::habits);
    assertTrue(out.getMessage().contains("top_p"), out.getMessage());
  }

  private void write(String json) throws IOException {
    Files.writeString(folder.resolve("generation_config.json"), json);
  }

  private Sampling habits(String... arguments) {
    ChatOptions options = new ChatOptions();
    CommandLine line = new CommandLine(options);
    String[] all = new String[arguments.length + 1];
    all[0] = "model";
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    line.parseArgs(all);
    return Habits.of(new ModelFolder(folder, List.of()), options);
  }
}
