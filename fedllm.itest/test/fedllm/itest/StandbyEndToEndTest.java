package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.error.Refused;
import fedllm.api.error.Unreachable;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two servers, of which one leads: whatever happens to it, a run ends with the same bytes. */
@Timeout(600)
class StandbyEndToEndTest {

  private static final int ROUNDS = 30;

  @TempDir private static Path folder;

  private static ProcessFederation federation;

  @BeforeAll
  static void start() throws IOException {
    federation = new ProcessFederation(TinyJob.write(folder, ROUNDS, 1 << 20, "all"), folder);
  }

  @AfterAll
  static void stop() {
    federation.close();
  }

  private static List<String> hashes(String run) {
    RunView end = federation.await(run, r -> r.state().ended());
    assertEquals(RunState.COMPLETED, end.state(), end.says());
    for (RoundView round : end.rounds().subList(1, ROUNDS + 1)) {
      assertEquals(List.of("bank", "clinic", "school"), round.members(), "" + round.absent());
    }
    return end.rounds().stream().map(RoundView::sha256).toList();
  }

  private static String inTheMiddle() throws IOException {
    federation.awaitAll();
    String run = federation.submit();
    federation.await(run, r -> r.rounds().size() > 5);
    return run;
  }

  @Test
  void anotherServerTakesOverFromTheKilledAndFromTheStopped() throws Exception {
    federation.awaitAll();
    List<String> undisturbed = hashes(federation.submit());
    federation.standby("standby");

    String killed = inTheMiddle();
    federation.kill9("server");
    federation.leads("standby");
    assertEquals(undisturbed, hashes(killed));

    federation.start("server"); // stands by now
    String stopped = inTheMiddle();
    federation.signal("standby", "STOP");
    federation.leads("server");
    assertEquals(undisturbed, hashes(stopped));

    federation.signal("standby", "CONT");
    Await.until("the one that was stopped still thinks that it leads", () -> standsBy("standby"));
    assertEquals(undisturbed, hashes(federation.submit()));
  }

  private static boolean standsBy(String node) {
    try {
      federation.ask(node, "fedllm:runs");
      return false;
    } catch (Refused | Unreachable e) {
      return String.valueOf(e.getMessage()).contains("stands by");
    }
  }
}
