package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run without lockstep, as processes: two silos are slow, one of them is killed, and so is the
 * server.
 */
@Timeout(600)
class LateSilosEndToEndTest {

  private static final int ROUNDS = 30;

  @TempDir private Path folder;

  @Test
  void whatIsLateCountsWhoeverIsKilledMeanwhile() throws Exception {
    try (ProcessFederation federation =
        new ProcessFederation(TinyJob.buffered(folder, ROUNDS), folder)) {
      federation.awaitAll();
      String run = federation.submit();
      federation.await(run, r -> isLate(r, "school"));
      federation.kill9("bank");
      int killedAt = federation.await(run, r -> true).rounds().size();
      // The others go on, and bank's order stays open.
      federation.await(run, r -> r.rounds().size() > killedAt + 2);
      federation.start("bank");
      federation.await(run, r -> isLate(r, "bank"));
      RunView before = federation.await(run, r -> true);
      assertFalse(before.state().ended(), "the server is killed in the middle of the run");
      federation.kill9("server");
      federation.start("server");
      RunView end = before;
      while (!end.state().ended()) { // as long as rounds close, it may take its time
        int closed = end.rounds().size();
        end = federation.await(run, r -> r.rounds().size() > closed);
      }
      assertEquals(RunState.COMPLETED, end.state(), end.says());
      assertEquals(ROUNDS + 1, end.rounds().size());
      assertEquals(hashes(before), hashes(end).subList(0, before.rounds().size()));
      assertEquals(List.of(), federation.deadNodes());
      for (RoundView round : end.rounds().subList(1, ROUNDS + 1)) {
        assertFalse(round.absent().containsKey("school"), round.toString());
      }
    }
  }

  private static boolean isLate(RunView run, String silo) {
    return run.rounds().stream().anyMatch(round -> round.late().containsKey(silo));
  }

  private static List<String> hashes(RunView run) {
    return run.rounds().stream().map(RoundView::sha256).toList();
  }
}
