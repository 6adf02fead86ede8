package fedllm.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.runtime.plugin.FixedPlugins;
import fedllm.runtime.server.Console;
import fedllm.strategies.buffered.Buffered;
import fedllm.strategies.everyone.Everyone;
import fedllm.strategies.fedbuff.FedBuff;
import fedllm.testkit.TestOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The server of a run with late updates ends after each record that it ever writes, and another one
 * with an empty folder goes on.
 */
@Timeout(300)
class LateCrashPointsTest {

  private static final Map<String, Integer> DURATIONS = Map.of("a", 2, "bcd", 3, "slowest", 7);

  /** The term begins, and the keys of three silos are pinned. */
  private static final int JOINED = 4;

  private static final int PLENTY = 1_000_000;
  private static final String JOB =
      """
      trainer: { name: paced }
      strategy: { name: fedbuff }
      optimizer: { name: remembers }
      protocol: { name: buffered, rounds: 4, buffer: 2 }
      evaluate: [height]
      seed: 7
      """;

  @TempDir Path folder;

  private Federate federation(String name) {
    Federate federation =
        new Federate(
            folder.resolve(name),
            new FixedPlugins(
                new Paced(new VirtualClock(DURATIONS, 2)),
                new Height(),
                new FedBuff(),
                new Remembers(),
                new Everyone(),
                new Buffered()));
    DURATIONS.keySet().forEach(federation::silo);
    return federation;
  }

  /** What a run that nothing disturbs comes to, and how many records its server writes. */
  private record Undisturbed(List<String> hashes, int records) {}

  private Undisturbed undisturbed() throws Exception {
    try (Federate federation = federation("undisturbed")) {
      MortalTransport counting = federation.mortal(PLENTY);
      Console console = federation.server("server", "only", 1 << 20, counting);
      Federate.awaitSilos(console, 3);
      assertTrue(Federate.endsBefore(counting, console, JOB));
      RunView run = Federate.await(console, r -> r.state().ended());
      assertEquals(Map.of("slowest", 2), run.rounds().get(3).late());
      return new Undisturbed(hashes(federation, run), counting.written(PLENTY));
    }
  }

  /** The states' hashes, if the last one is what the log says. */
  private static List<String> hashes(Federate federation, RunView run) throws Exception {
    assertEquals(RunState.COMPLETED, run.state(), run.says());
    float value =
        Replay.of(federation.broker())
            .value(new FedBuff(), TestOptions.none(), (global, update, r) -> global + r * update);
    Replay.assertAll(value, Path.of(run.result().adapter(), "adapter_model.safetensors"));
    return run.rounds().stream().map(RoundView::sha256).toList();
  }

  @Test
  void anotherServerGoesOnAfterAKillAtEveryRecord() throws Exception {
    Undisturbed expected = undisturbed();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Callable<Void>> tries =
          IntStream.range(JOINED + 1, expected.records())
              .<Callable<Void>>mapToObj(n -> () -> endsAt(n, expected.hashes()))
              .toList();
      for (Future<Void> one : threads.invokeAll(tries)) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private Void endsAt(int records, List<String> expected) throws Exception {
    try (Federate federation = federation("kill" + records)) {
      MortalTransport mortal = federation.mortal(records);
      Console first = federation.server("server", "first", 1 << 20, mortal);
      Federate.awaitSilos(first, 3);
      assertFalse(Federate.endsBefore(mortal, first, JOB), "killed at " + records);
      Console second = federation.server("server", "second", 1 << 20);
      RunView run = Federate.await(second, r -> r.state().ended());
      assertEquals(expected, hashes(federation, run), "killed at " + records);
      mortal.wake();
    }
    return null;
  }
}
