package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs with mistakes, submitted to a server with the plugins of the house. */
@Timeout(60)
class BadJobTest {

  private static final String JOB =
      """
      federation: test
      base: model
      peft: { name: lora, rank: 8 }
      trainer: { name: adamw, steps: 2 }
      strategy: { name: fedavg }
      optimizer: { name: add }
      codecs: { up: [ { name: int8 }, { name: zstd } ] }
      guards: [ { name: clip, norm: 1.0 } ]
      protocol: { name: synchronous, rounds: 2, quorum: all }
      planner: { name: everyone }
      """;

  @TempDir private static Path folder;
  private static PlainFederation federation;

  @BeforeAll
  static void start() throws Exception {
    federation = new PlainFederation(folder, true);
    federation.silo("bank", "data: {}\n");
    federation.silo("clinic", "data: {}\n");
    federation.awaitSilos(2);
  }

  @AfterAll
  static void stop() throws Exception {
    federation.close();
  }

  /** The job with another line in the place of one. */
  private static String with(int line, String text) {
    List<String> lines = new ArrayList<>(JOB.lines().toList());
    lines.set(line - 1, text);
    return String.join("\n", lines) + "\n";
  }

  private static void refuses(String job, int line, String... words) {
    String says =
        assertThrows(Refused.class, () -> federation.console().submit(job, "job.yaml"))
            .getMessage();
    System.out.println(says);
    assertTrue(says.startsWith("job.yaml:" + line + ": "), says);
    assertEquals(1, says.lines().count(), says);
    for (String word : words) {
      assertTrue(says.contains(word), () -> says + " lacks " + word);
    }
  }

  @AfterEach
  void theServerIsAliveAndTookNothing() {
    assertTrue(federation.console().runs().isEmpty());
    assertEquals(2, federation.console().silos().size());
  }

  @Test
  void anEvaluatorThatIsNamedTwice() {
    refuses(JOB + "evaluate: [ perplexity, perplexity ]\n", 11, "perplexity is named twice");
  }

  @Test
  void names() {
    refuses(with(3, "petf: { name: lora }"), 3, "petf", "did you mean peft?", "planner");
    refuses(with(4, "trainer: { name: adamv }"), 4, "trainer", "did you mean adamw?", "noise");
    refuses(with(5, "strategy: krumm"), 5, "no strategy is called krumm", "installed are fedavg");
    refuses(
        with(4, "trainer: { name: adamw, step: 2 }"), 4, "no option step", "did you mean steps");
    refuses(with(8, "guards: [ { name: clip, at: silo-off } ]"), 8, "silo-off", "silo-out");
    refuses(with(3, "peft: { rank: 8 }"), 3, "name is missing");
    refuses(with(3, "peft:"), 3, "peft names no plugin");
  }

  @Test
  void values() {
    refuses(with(3, "peft: { name: lora, rank: 0 }"), 3, "lora", "rank is 0", "at least 1");
    refuses(with(3, "peft: { name: lora, rank: 5000000000 }"), 3, "rank", "at most 2147483647");
    refuses(with(3, "peft: { name: lora, rank: eight }"), 3, "rank is eight", "a whole number");
    refuses(with(3, "peft: { name: lora, rank: }"), 3, "rank has no value");
    refuses(with(3, "peft: { name: lora, targets: q_proj }"), 3, "targets", "a list of words");
    refuses(with(4, "trainer: { name: adamw, learningRate: .inf }"), 4, "learningRate");
    refuses(with(4, "trainer: { name: adamw, learningRate: -1 }"), 4, "learningRate", "above 0");
    refuses(with(4, "trainer: { name: adamw, schedule: sine }"), 4, "one of constant, linear");
    refuses(with(4, "trainer: { name: adamw, shuffle: maybe }"), 4, "true or false");
    refuses(with(9, "protocol: { name: synchronous }"), 9, "needs the option rounds");
    refuses(with(9, "protocol: { name: synchronous, rounds: 2.5 }"), 9, "rounds is 2.5");
    refuses(JOB + "seed: tomorrow\n", 11, "seed has to be a whole number");
    refuses(JOB + "data: { template: intent }\n", 11, "data has to be a word");
    refuses(JOB + "templates: { mine: { prompt: hello } }\n", 11, "mine", "prompt and answer");
    refuses(JOB + "templates:\n  mine: { prompt: '{x', answer: y }\n", 12, "mine", "not closed");
  }

  @Test
  void quorumsThatMeanNothing() {
    for (String quorum : List.of("most", "0", "120%", "-1", "2.5")) {
      refuses(
          with(9, "protocol: { name: synchronous, rounds: 2, quorum: '" + quorum + "' }"),
          9,
          "quorum is '" + quorum + "'",
          "such as 80%");
    }
  }

  @Test
  void aQuorumOfMoreThanThereAreEndsTheRunByName() {
    try (PlainFederation other = new PlainFederation(folder.resolve("other"), true)) {
      other.silo("bank", "data: {}\n");
      other.awaitSilos(1);
      RunView run =
          other.outcome(
              """
              trainer: noise
              strategy: fedavg
              protocol: { name: synchronous, rounds: 2, quorum: 5 }
              """);
      assertEquals(RunState.FAILED, run.state());
      assertTrue(run.says().contains("5 updates are needed, but only 1 of the 1"), run.says());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void chains() {
    refuses(
        with(7, "codecs:\n  up:\n    - zstd\n    - int8"),
        10,
        "codec int8 works on values",
        "before zstd");
    refuses(with(7, "codecs: { down: [ zstd, bf16 ] }"), 7, "codec bf16", "before zstd");
    refuses(with(7, "codecs: { up: [ { name: errorfeedback } ] }"), 7, "needs the option of");
    refuses(
        with(7, "codecs: { up: [ { name: errorfeedback, of: { name: topp } } ] }"),
        7,
        "no codec is called topp",
        "did you mean topk?");
    refuses(
        with(7, "codecs: { up: [ { name: errorfeedback, of: { name: topk, share: 2 } } ] }"),
        7,
        "topk: share is 2",
        "at most 1");
    refuses(
        with(7, "codecs: { up: [ { name: errorfeedback, of: { name: topk, share: } } ] }"),
        7,
        "of",
        "a value is missing");
    refuses(with(7, "codecs: { up: [ { name: errorfeedback, of: { name: zstd } } ] }"), 7, "zstd");
    refuses(with(7, "codecs: { up: { name: int8 } }"), 7, "up has to be a list");
    refuses(with(7, "codecs: { upp: [ int8 ] }"), 7, "upp", "did you mean up?");
  }

  @Test
  void theFile() {
    refuses(with(4, "trainer: { name: adamw, steps: 2"), 5, "this is no YAML");
    refuses("a plain sentence\n", 1, "a mapping of keys to values");
    refuses("", 1, "a mapping of keys to values");
    refuses("base: \u0000\n" + JOB, 1, "this is no YAML");
    refuses("[".repeat(200), 1, "this is no YAML");
    refuses("base: &a [ *a ]\n", 1, "holds itself");
    refuses(JOB + "base: model\n", 11, "base", "a second time");
    refuses(with(4, "trainer: { name: adamw, steps: 2, steps: 3 }"), 4, "steps", "second time");
    refuses(
        with(
            7,
            "codecs: { up: [ { name: errorfeedback, of: { name: topk, share: 1, share: 0.5 } } ]"
                + " }"),
        7,
        "share");
    refuses(with(9, "# no protocol"), 1, "protocol is missing");
    refuses(with(1, "federation: tset"), 1, "the job is for tset, this server is test");
  }

  @Test
  void silosThatNobodyKnows() {
    refuses(
        with(10, "planner: { name: everyone, train: [ bank, cliniic ] }"),
        10,
        "no silo is called cliniic",
        "did you mean clinic?",
        "known are [bank, clinic]");
    refuses(with(10, "planner: { name: everyone, evaluate: [ school ] }"), 10, "school");
  }

  @Test
  void whatOnlyALauncherMaySay() throws Exception {
    PlainFederation local = federation;
    try (PlainFederation sites = new PlainFederation(folder.resolve("sites"), false)) {
      federation = sites;
      sites.silo("bank", "data: {}\n");
      sites.silo("clinic", "data: {}\n");
      sites.awaitSilos(2);
      refuses(with(2, "base: /models/llama"), 2, "name the base as their silo.yaml does");
      refuses(with(2, "base: models/llama"), 2, "a path means nothing at the silos");
      refuses(JOB + "silos: []\n", 11, "silos is for ./fedllm run");
      assertTrue(sites.console().runs().isEmpty());
    } finally {
      federation = local;
    }
  }
}
