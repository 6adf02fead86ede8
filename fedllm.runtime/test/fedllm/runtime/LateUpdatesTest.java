package fedllm.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.QuarantineView;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.api.transport.Sender;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Post;
import fedllm.runtime.message.Topics;
import fedllm.runtime.message.Word;
import fedllm.runtime.plugin.FixedPlugins;
import fedllm.runtime.plugin.Plugins;
import fedllm.runtime.server.Console;
import fedllm.strategies.add.Add;
import fedllm.strategies.async.Async;
import fedllm.strategies.buffered.Buffered;
import fedllm.strategies.everyone.Everyone;
import fedllm.strategies.fedasync.FedAsync;
import fedllm.strategies.fedbuff.FedBuff;
import fedllm.testkit.TestOptions;
import fedllm.testkit.transport.MemoryTransport;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs whose rounds close without those who still train, and count them when they come. */
@Timeout(120)
class LateUpdatesTest {

  private static final String SLOW = "slowest";
  private static final Map<String, Integer> DURATIONS = Map.of("a", 2, "bcd", 3, SLOW, 7);
  private static final long PLENTY = 64 << 20;

  private static final String BUFFERED =
      """
      trainer: { name: paced }
      strategy: { name: fedbuff }
      protocol: { name: buffered, rounds: 6, buffer: 2 }
      evaluate: [height]
      seed: 7
      """;

  private static final String ASYNC =
      """
      trainer: { name: paced }
      strategy: { name: fedasync }
      protocol: { name: async, rounds: 12 }
      seed: 7
      """;

  @TempDir Path folder;

  private static Plugins plugins(VirtualClock clock) {
    return new FixedPlugins(
        new Paced(clock),
        new Height(),
        new FedBuff(),
        new FedAsync(),
        new Add(),
        new Everyone(),
        new Buffered(),
        new Async());
  }

  private Federate federation(String name, VirtualClock clock) {
    Federate federation = new Federate(folder.resolve(name), plugins(clock));
    DURATIONS.keySet().forEach(federation::silo);
    return federation;
  }

  private static Path result(RunView run) {
    assertEquals(RunState.COMPLETED, run.state(), run.says());
    return Path.of(run.result().adapter(), "adapter_model.safetensors");
  }

  private static List<String> hashes(RunView run) {
    return run.rounds().stream().map(RoundView::sha256).toList();
  }

  @Test
  void whoIsLateCountsWithItsStalenessAndTheRunIsTheSameEachTime() throws Exception {
    RunView[] runs = new RunView[2];
    for (int i = 0; i < 2; i++) {
      try (Federate federation = federation("buffered" + i, new VirtualClock(DURATIONS, 2))) {
        Console console = federation.server(i == 0 ? PLENTY : 1000);
        Federate.awaitSilos(console, 3);
        String id = console.submit(BUFFERED, "job.yaml");
        runs[i] = Federate.await(console, id, r -> r.state().ended());
        float value =
            Replay.of(federation.broker())
                .value(new FedBuff(), TestOptions.none(), (global, update, r) -> global + update);
        Replay.assertAll(value, result(runs[i]));
      }
    }
    assertEquals(hashes(runs[0]), hashes(runs[1]));
    // a is done at 2, bcd at 3; at 5 and 6; the slowest at 7 and a at 8; bcd at 9 and a at 10
    assertEquals(List.of("a", "bcd"), runs[0].rounds().get(1).members());
    assertEquals(List.of("a", "bcd"), runs[0].rounds().get(2).members());
    assertEquals(List.of("a", SLOW), runs[0].rounds().get(3).members());
    assertEquals(Map.of(SLOW, 2), runs[0].rounds().get(3).late());
    assertEquals(List.of("a", "bcd"), runs[0].rounds().get(4).members());
    assertEquals(Map.of("bcd", 1), runs[0].rounds().get(4).late());
    for (RoundView round : runs[0].rounds()) {
      assertEquals(Map.of(), round.absent(), "nobody is absent who goes on");
    }
  }

  @Test
  void everyUpdateMakesAStateOfItsOwn() throws Exception {
    try (Federate federation = federation("async", new VirtualClock(DURATIONS, 1))) {
      Console console = federation.server(PLENTY);
      Federate.awaitSilos(console, 3);
      String id = console.submit(ASYNC, "job.yaml");
      RunView run = Federate.await(console, id, r -> r.state().ended());
      float value =
          Replay.of(federation.broker())
              .value(new FedAsync(), TestOptions.none(), (global, update, r) -> global + update);
      Replay.assertAll(value, result(run));
      assertEquals(List.of(SLOW), run.rounds().get(6).members());
      assertEquals(Map.of(SLOW, 5), run.rounds().get(6).late());
    }
  }

  @Test
  void aSiloThatDiesAndIsStartedAgainTakesUpWhatItWasAskedRoundsAgo() throws Exception {
    VirtualClock clock = new VirtualClock(DURATIONS, 2);
    try (Federate federation = new Federate(folder, plugins(clock))) {
      Console console = federation.server(PLENTY);
      federation.silo("a");
      federation.silo("bcd");
      Mortal mortal = new Mortal(federation.broker(), h -> "begin".equals(h.get(Post.KIND)));
      federation.silo(SLOW, mortal, plugins(clock));
      Federate.awaitSilos(console, 3);
      String id = console.submit(BUFFERED.replace("rounds: 6", "rounds: 12"), "job.yaml");
      mortal.awaitDeath();
      clock.died(SLOW);
      federation.silo(SLOW);
      RunView run = Federate.await(console, id, r -> r.state().ended());
      float value =
          Replay.of(federation.broker())
              .value(new FedBuff(), TestOptions.none(), (global, update, r) -> global + update);
      Replay.assertAll(value, result(run));
      RoundView counts =
          run.rounds().stream().filter(r -> r.members().contains(SLOW)).findFirst().orElseThrow();
      assertTrue(counts.number() > 2, counts.toString());
      assertEquals(Map.of(SLOW, counts.number() - 1), counts.late(), "it answers the first order");
    }
  }

  @Test
  void whoIsTooLateIsGivenUpByNameAndAskedAnewAndNothingOfItCounts() throws Exception {
    Map<String, Integer> durations = Map.of("a", 2, "bcd", 3, SLOW, 1_000_000);
    VirtualClock clock = new VirtualClock(durations, 2);
    try (Federate federation = federation("given-up", clock)) {
      Console console = federation.server(PLENTY);
      Federate.awaitSilos(console, 3);
      String job = BUFFERED.replace("buffer: 2", "buffer: 2, maxStaleness: 2").replace("6,", "40,");
      String id = console.submit(job, "job.yaml");
      RunView run = Federate.await(console, id, r -> r.rounds().size() > 4);
      Map<String, String> absent = run.rounds().get(3).absent();
      assertEquals(
          "it came too late: it was asked in round 1, and may be 2 rounds late at most",
          absent.get(SLOW));
      try (MemoryTransport transport = new MemoryTransport(federation.broker());
          Sender sender = transport.sender()) {
        Attempt first = new Attempt(id, 1, 2);
        Word.Manifest late =
            new Word.Manifest(first, 1, 1, "", Map.of(), 0, 0, Map.of(), List.of(), "");
        new Post(sender).word(new Topics("test").silo(SLOW), late);
      }
      QuarantineView refused = awaitRefused(console);
      assertEquals(1, refused.round());
      assertEquals(SLOW, refused.silo());
      assertTrue(refused.reason().contains("the protocol counts what is 2 late"), "" + refused);
      run = Federate.await(console, id, r -> r.state().ended());
      assertEquals(RunState.COMPLETED, run.state(), run.says());
      Predicate<RoundView> counts = round -> round.members().contains(SLOW);
      assertFalse(run.rounds().stream().anyMatch(counts));
      Map<String, String> again = run.rounds().get(6).absent();
      assertTrue(again.get(SLOW).contains("asked in round 4"), "it was asked anew: " + again);
    }
  }

  private static QuarantineView awaitRefused(Console console) throws InterruptedException {
    Object tick = new Object();
    while (console.quarantine().isEmpty()) {
      synchronized (tick) {
        tick.wait(10);
      }
    }
    return console.quarantine().get(0);
  }

  @Test
  void aPausedRunTakesWhatComesAndCountsItWhenItGoesOn() throws Exception {
    assertEquals(hashes(pausedRun("stays", false)), hashes(pausedRun("taken-over", true)));
  }

  /** While it is paused, the updates of two clients come, and another server may take over. */
  private RunView pausedRun(String name, boolean takenOver) throws Exception {
    VirtualClock clock = new VirtualClock(DURATIONS, 0);
    try (Federate federation = federation(name, clock)) {
      Console console = federation.server(PLENTY);
      Federate.awaitSilos(console, 3);
      String id = console.submit(ASYNC, "job.yaml");
      Federate.await(console, id, r -> r.open() != null && r.open().number() == 1);
      console.pause(id);
      clock.buffer(1);
      Federate.await(console, id, r -> r.state() == RunState.PAUSED);
      clock.buffer(3); // the two others come while no round is open
      for (String silo : List.of("bcd", SLOW)) {
        federation.awaitManifest(silo);
      }
      if (takenOver) {
        federation.stopServer();
        console =
            federation.server("server", "other", PLENTY, new MemoryTransport(federation.broker()));
        Federate.awaitSilos(console, 3);
      }
      for (String silo : List.of("bcd", SLOW)) {
        federation.awaitHeard(console, silo);
      }
      Federate.await(console, id, r -> r.state() == RunState.PAUSED && r.rounds().size() == 2);
      clock.buffer(1);
      console.resume(id);
      RunView run = Federate.await(console, id, r -> r.state().ended());
      assertEquals(List.of("bcd", SLOW), run.rounds().get(2).members());
      assertEquals(Map.of("bcd", 1, SLOW, 1), run.rounds().get(2).late());
      float value =
          Replay.of(federation.broker())
              .value(new FedAsync(), TestOptions.none(), (global, update, r) -> global + update);
      Replay.assertAll(value, result(run));
      return run;
    }
  }
}
