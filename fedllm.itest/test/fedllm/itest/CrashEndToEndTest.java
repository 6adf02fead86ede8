package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes are killed in the middle of a run, and it comes to its end all the same. */
@Timeout(600)
class CrashEndToEndTest {

  private static final List<String> ALL = List.of("bank", "clinic", "school");
  private static final int ROUNDS = 60;

  @TempDir private static Path folder;

  private static ProcessFederation federation;

  private String run;

  @BeforeAll
  static void start() throws IOException {
    federation = new ProcessFederation(TinyJob.write(folder, ROUNDS, 1 << 20), folder);
  }

  @AfterAll
  static void stop() {
    federation.close();
  }

  @BeforeEach
  void submit() throws IOException {
    federation.awaitAll();
    run = federation.submit();
    federation.await(run, r -> r.rounds().size() > 5);
  }

  @AfterEach
  void revive() throws Exception {
    federation.revive();
  }

  private RunView end() {
    RunView end = federation.await(run, r -> r.state().ended());
    assertEquals(RunState.COMPLETED, end.state(), end.says());
    assertEquals(ROUNDS + 1, end.rounds().size());
    for (int i = 0; i <= ROUNDS; i++) {
      assertEquals(i, end.rounds().get(i).number());
    }
    assertEquals(List.of(), federation.deadNodes());
    return end;
  }

  private static void assertAllInEveryRound(RunView end) {
    for (RoundView round : end.rounds().subList(1, ROUNDS + 1)) {
      assertEquals(ALL, round.members(), "round " + round.number() + " lacks " + round.absent());
    }
  }

  @Test
  void aServerThatIsKilledGoesOnWhereItWas() {
    RunView before = federation.await(run, r -> r.rounds().size() > 10);
    federation.kill9("server");
    federation.start("server");
    RunView end = end();
    assertEquals(
        before.rounds().stream().map(RoundView::sha256).toList(),
        end.rounds().subList(0, before.rounds().size()).stream().map(RoundView::sha256).toList());
    assertAllInEveryRound(end);
  }

  @Test
  void aBrokerThatIsKilledAndComesBackCostsNobodysUpdate() {
    federation.broker().kill9();
    federation.broker().restart();
    assertAllInEveryRound(end());
  }

  @Test
  void aBrokerThatIsAwayForLongerThanAnyQuestionWaitsCostsNobodysUpdate() throws Exception {
    federation.broker().kill9();
    TimeUnit.SECONDS.sleep(35); // how long it is away is what is tested: an answer is due in 30
    federation.broker().restart();
    assertAllInEveryRound(end());
  }

  @Test
  void theOthersGoOnWithoutTheKilledAndTheSilentWhoComeBack() throws Exception {
    federation.kill9("bank");
    federation.signal("school", "STOP");
    RunView without =
        federation.await(run, r -> r.rounds().stream().anyMatch(CrashEndToEndTest::isClinicAlone));
    federation.ask("fedllm:pause " + run);
    assertTrue(
        without.rounds().stream()
            .anyMatch(r -> r.absent().getOrDefault("bank", "").contains("nothing was heard")),
        "nobody says that bank is lost");
    federation.revive();
    federation.awaitAll();
    federation.ask("fedllm:resume " + run);
    assertEquals(ALL, end().rounds().get(ROUNDS).members());
  }

  private static boolean isClinicAlone(RoundView round) {
    return round.members().equals(List.of("clinic"));
  }
}
