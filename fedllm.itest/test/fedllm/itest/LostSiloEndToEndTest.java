package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.cli.node.Node;
import fedllm.cli.node.Workspace;
import fedllm.cli.run.Account;
import fedllm.cli.run.JobRun;
import fedllm.cli.run.LocalFederation;
import fedllm.cli.run.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./fedllm run} does when a silo's process is killed. */
@Timeout(300)
class LostSiloEndToEndTest {

  private static final int ROUNDS = 60;

  @TempDir private Path folder;

  private final Account account = new Account("noise.yaml");
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  /** Runs the job; kills the clinic so often, each time that it lives. */
  private boolean runAndKill(int times) throws Exception {
    int[] left = {times};
    try (PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      return new JobRun(
              TinyJob.write(folder, ROUNDS, 1 << 16), Workspace.here(), account, out, false)
          .run(
              Files.createDirectories(folder.resolve("work")),
              run -> folder.resolve("out"),
              (federation, run, say) -> {
                if (run.rounds().size() > 3 && left[0] > 0 && kill(federation)) {
                  left[0]--;
                }
              });
    }
  }

  private static boolean kill(LocalFederation federation) {
    Node clinic =
        federation.nodes().stream()
            .filter(node -> node.name().equals("clinic"))
            .findFirst()
            .orElseThrow();
    if (!clinic.isAlive()) {
      return false;
    }
    clinic.process().destroyForcibly();
    clinic.process().onExit().join();
    return true;
  }

  private String printed(String text, int times) {
    String all = printed.toString(StandardCharsets.UTF_8);
    assertEquals(times + 1, all.split(text, -1).length, all);
    return all;
  }

  @Test
  void aSiloWhoseProcessDiesIsStartedAgainAndTakesPartInTheLastRound() throws Exception {
    boolean smooth = runAndKill(1);
    Outcome outcome = account.outcome();
    assertTrue(outcome.completed(), outcome.exit().toString());
    assertTrue(smooth, "it came back");
    assertEquals(ROUNDS + 1, outcome.rounds().size());
    Outcome.Closed last = outcome.rounds().get(ROUNDS);
    assertEquals(List.of("bank", "clinic", "school"), last.clients());
    printed("the silo clinic: its process ended with code 137; it is started again", 1);
  }

  @Test
  void theOthersGoOnWithoutASiloThatDiesAgainAndAgainAndItIsNamedOnce() throws Exception {
    boolean smooth = runAndKill(4);
    Outcome outcome = account.outcome();
    assertTrue(outcome.completed(), outcome.exit().toString());
    assertFalse(smooth, "its log is wanted");
    assertEquals(ROUNDS + 1, outcome.rounds().size());
    Outcome.Closed last = outcome.rounds().get(ROUNDS);
    assertEquals(List.of("bank", "school"), last.clients());
    assertEquals(Map.of("clinic", "its process ended with code 137"), last.absent());
    printed("it is started again", 3);
    printed("the silo clinic ended with code 137", 1);
    assertTrue(Files.exists(Path.of(outcome.result().adapter(), "adapter_model.safetensors")));
    assertEquals(folder.resolve("out/adapter").toString(), outcome.result().adapter());
  }
}
