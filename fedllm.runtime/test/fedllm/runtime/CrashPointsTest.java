package fedllm.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.runtime.plugin.FixedPlugins;
import fedllm.runtime.plugin.Plugins;
import fedllm.runtime.server.Console;
import fedllm.strategies.add.Add;
import fedllm.strategies.everyone.Everyone;
import fedllm.strategies.fedavg.FedAvg;
import fedllm.strategies.synchronous.Synchronous;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server that leads ends, or stands still, after each record that it ever writes, and another
 * one with an empty folder, as on another machine, takes over.
 */
@Timeout(300)
class CrashPointsTest {

  private static final int ROUNDS = 2;

  /** The term begins, and the keys of two silos are pinned. */
  private static final int JOINED = 3;

  private static final int PLENTY = 1_000_000;
  private static final String JOB =
      """
      trainer: { name: drift, step: 0.5 }
      strategy: { name: fedavg }
      optimizer: { name: remembers }
      protocol: { name: synchronous, rounds: %d, quorum: all }
      evaluate: [height]
      seed: 7
      """
          .formatted(ROUNDS);

  @TempDir Path folder;

  private static Plugins plugins() {
    return new FixedPlugins(
        new Drift(),
        new Height(),
        new FedAvg(),
        new Add(),
        new Remembers(),
        new Everyone(),
        new Synchronous());
  }

  /** What runs: updates of one shape in all clients, or of others. */
  private record Kind(String job, Plugins plugins) {}

  private Kind kind = new Kind(JOB, plugins());

  private Federate federation(String name) {
    Federate federation = new Federate(folder.resolve(name), kind.plugins());
    federation.silo("a");
    federation.silo("bcd");
    return federation;
  }

  /** What a run that nothing disturbs comes to, and how many records its server writes. */
  private record Undisturbed(List<String> hashes, int records) {}

  private Undisturbed undisturbed() throws Exception {
    try (Federate federation = federation("undisturbed")) {
      MortalTransport counting = federation.mortal(PLENTY);
      Console console = federation.server("server", "only", 1 << 20, counting);
      Federate.awaitSilos(console, 2);
      assertTrue(Federate.endsBefore(counting, console, kind.job()));
      RunView run = Federate.await(console, r -> r.state().ended());
      return new Undisturbed(hashes(run), counting.written(PLENTY));
    }
  }

  private static List<String> hashes(RunView run) {
    assertEquals(RunState.COMPLETED, run.state(), run.says());
    for (RoundView round : run.rounds().subList(1, ROUNDS + 1)) {
      assertEquals(List.of("a", "bcd"), round.members(), round.absent().toString());
    }
    return run.rounds().stream().map(RoundView::sha256).toList();
  }

  @Test
  void anotherServerGoesOnAfterAKillAtEveryRecord() throws Exception {
    Undisturbed expected = undisturbed();
    atOnce(
        IntStream.range(JOINED + 1, expected.records())
            .mapToObj(n -> () -> endsAt("kill" + n, n, false, expected.hashes())));
  }

  @Test
  void anotherServerGoesOnWhereUpdatesAreOfOtherShapes() throws Exception {
    kind = new Kind(OtherShapesTest.JOB, OtherShapesTest.plugins());
    Undisturbed expected = undisturbed();
    atOnce(
        IntStream.range(JOINED + 1, expected.records())
            .mapToObj(n -> () -> endsAt("kill" + n, n, false, expected.hashes())));
  }

  @Test
  void anotherServerGoesOnWhereNothingIsTrained() throws Exception {
    kind = new Kind(VotesTest.JOB, VotesTest.plugins());
    Undisturbed expected = undisturbed();
    atOnce(
        IntStream.range(JOINED + 1, expected.records())
            .mapToObj(n -> () -> endsAt("kill" + n, n, false, expected.hashes())));
  }

  @Test
  void aServerThatStoodStillDisturbsNobodyWhenItWakes() throws Exception {
    Undisturbed expected = undisturbed();
    atOnce(
        IntStream.range(JOINED + 1, expected.records())
            .filter(n -> n > JOINED && n % 4 == 0)
            .mapToObj(n -> () -> endsAt("stop" + n, n, true, expected.hashes())));
  }

  /** Most of the time nobody does anything, so several at a time take hardly longer than one. */
  private static void atOnce(Stream<Callable<Void>> tries) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (Future<Void> one : threads.invokeAll(tries.toList())) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aServerOfAnotherNameTakesOverWhenNothingIsHeardOfTheFirst() throws Exception {
    List<String> expected = undisturbed().hashes();
    try (Federate federation = federation("standby")) {
      MortalTransport mortal = federation.mortal(JOINED + 7);
      Console first = federation.server("first", "first", 1 << 20, mortal);
      Federate.awaitSilos(first, 2);
      assertFalse(Federate.endsBefore(mortal, first, kind.job()));
      Console second = federation.server("second", "second", 1 << 20);
      assertEquals(expected, hashes(Federate.await(second, r -> r.state().ended())));
      mortal.wake();
      Federate.awaitRefused(first);
    }
  }

  /** Lets the first server stand still at a record; another one goes on. */
  private Void endsAt(String name, int records, boolean wakes, List<String> expected)
      throws Exception {
    try (Federate federation = federation(name)) {
      MortalTransport mortal = federation.mortal(records);
      Console first = federation.server("server", "first", 1 << 20, mortal);
      Federate.awaitSilos(first, 2);
      assertFalse(Federate.endsBefore(mortal, first, kind.job()), name);
      Console second = federation.server("server", "second", 1 << 20);
      if (wakes) {
        mortal.wake();
      }
      RunView run = Federate.await(second, r -> r.state().ended());
      assertEquals(expected, hashes(run), name);
      mortal.wake();
    }
    return null;
  }
}
