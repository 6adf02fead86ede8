package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.cli.node.Node;
import fedllm.cli.node.Workspace;
import fedllm.cli.run.Account;
import fedllm.cli.run.JobRun;
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

  @Test
  void theOthersGoOnWithoutASiloWhoseProcessEndedAndItIsNamedOnce() throws Exception {
    Account account = new Account("noise.yaml");
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    boolean smooth;
    try (PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      smooth =
          new JobRun(TinyJob.write(folder, ROUNDS, 1 << 16), Workspace.here(), account, out, false)
              .run(
                  Files.createDirectories(folder.resolve("work")),
                  run -> folder.resolve("out"),
                  (federation, run, say) -> {
                    if (run.rounds().size() > 3) {
                      federation.nodes().stream()
                          .filter(node -> node.name().equals("clinic"))
                          .map(Node::process)
                          .forEach(ProcessHandle::destroyForcibly);
                    }
                  });
    }
    Outcome outcome = account.outcome();
    assertTrue(outcome.completed(), outcome.exit().toString());
    assertFalse(smooth, "its log is wanted");
    assertEquals(ROUNDS + 1, outcome.rounds().size());
    Outcome.Closed last = outcome.rounds().get(ROUNDS);
    assertEquals(List.of("bank", "school"), last.clients());
    assertEquals(Map.of("clinic", "its process ended with code 137"), last.absent());
    String text = printed.toString(StandardCharsets.UTF_8);
    assertEquals(2, text.split("the silo clinic ended with code 137", -1).length, text);
    assertTrue(Files.exists(Path.of(outcome.result().adapter(), "adapter_model.safetensors")));
    assertEquals(folder.resolve("out/adapter").toString(), outcome.result().adapter());
  }
}
