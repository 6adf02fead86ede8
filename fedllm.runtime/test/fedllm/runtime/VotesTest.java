package fedllm.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.format.SafetensorsFile;
import fedllm.runtime.plugin.FixedPlugins;
import fedllm.runtime.plugin.Plugins;
import fedllm.runtime.server.Console;
import fedllm.strategies.everyone.Everyone;
import fedllm.strategies.majority.Majority;
import fedllm.strategies.replace.Replace;
import fedllm.strategies.synchronous.Synchronous;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A federation that trains nothing: questions go out as they are, and only votes come back. */
@Timeout(120)
class VotesTest {

  static final String JOB =
      """
      trainer: { name: oracle }
      strategy: { name: majority }
      optimizer: { name: replace }
      protocol: { name: synchronous, rounds: 2, quorum: all }
      evaluate: [height]
      seed: 7
      """;

  private static final Tensor TEXT = new Tensor("fedllm.questions", "text", List.of(2L, 5L));
  private static final Tensor TALLY = new Tensor("fedllm.answers", "tally", List.of(2L, 3L, 4L));

  @TempDir Path folder;

  static Plugins plugins() {
    return new FixedPlugins(
        new Oracle(),
        new Majority(),
        new Replace(),
        new Everyone(),
        new Synchronous(),
        new Height());
  }

  /** Votes for the length of its name, once for each letter; the bad one sends the text back. */
  @Plugin(name = "oracle", does = "Votes for the length of its name.")
  static final class Oracle implements Trainer {
    @Override
    public Training open(Options options, Site site) {
      String client = site.scope().client();
      return new Training() {
        @Override
        public Start initial() {
          Tensors state = new Tensors(new Schema(List.of(TEXT, TALLY)));
          Arrays.fill(state.values(0), 63);
          return new Start(state, Map.of());
        }

        @Override
        public Learned train(Work work, Tensors global) {
          boolean bad = client.startsWith("bad");
          Tensors votes = new Tensors(new Schema(List.of(bad ? TEXT : TALLY)));
          for (int row = 0; !bad && row < 6; row++) {
            votes.values(0)[4 * row + 1] = client.length();
            votes.values(0)[4 * row + 3] = row % 3 < client.length() ? 1f / (1 + row % 3) : -1;
          }
          return new Learned(votes, 2, Map.of(), work.absolute());
        }

        /** What {@link Height} measures. */
        @Override
        public Tensors view(Work work, Tensors global) {
          return new Tensors(new Schema(List.of(TEXT)));
        }
      };
    }
  }

  @Test
  void questionsStayVotesAreCountedAndATextIsNotLetIn() throws Exception {
    for (long memoryBytes : new long[] {1 << 20, 10}) {
      try (Federate federation = new Federate(folder.resolve("" + memoryBytes), plugins())) {
        Console console = federation.server(memoryBytes);
        List.of("a", "bcd", "bad-luck").forEach(federation::silo);
        Federate.awaitSilos(console, 3);
        RunView run =
            Federate.await(console, console.submit(JOB, "job.yaml"), r -> r.state().ended());
        assertEquals(RunState.COMPLETED, run.state(), run.says());
        RoundView last = run.rounds().get(2);
        assertEquals(List.of("a", "bcd"), last.members());
        assertTrue(last.absent().get("bad-luck").contains("fedllm.questions"), "" + last);
        assertAnswers(Path.of(run.result().adapter()).resolve("fedllm_state.safetensors"));
      }
    }
  }

  private static void assertAnswers(Path state) throws Exception {
    try (SafetensorsFile file = SafetensorsFile.open(state)) {
      float[] text = new float[10];
      file.floats(file.tensor(TEXT.name()), 0, text, 0, 10);
      float[] asked = new float[10];
      Arrays.fill(asked, 63);
      assertArrayEquals(asked, text);
      float[] tally = new float[24];
      file.floats(file.tensor(TALLY.name()), 0, tally, 0, 24);
      // Half of the question's own vote is for 1, the other half and two paraphrases for 3.
      float[] answers = {0, 3, 0, 5 / 6f, 0, 1, 0, 1 / 6f, 0, 0, 0, 0};
      assertArrayEquals(answers, Arrays.copyOf(tally, 12), 1e-6f);
      assertArrayEquals(answers, Arrays.copyOfRange(tally, 12, 24), 1e-6f);
    }
  }
}
