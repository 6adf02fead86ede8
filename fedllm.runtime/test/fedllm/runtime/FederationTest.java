package fedllm.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.format.SafetensorsFile;
import fedllm.runtime.message.Post;
import fedllm.runtime.plugin.FixedPlugins;
import fedllm.runtime.plugin.Plugins;
import fedllm.runtime.server.Console;
import fedllm.strategies.add.Add;
import fedllm.strategies.everyone.Everyone;
import fedllm.strategies.fedavg.FedAvg;
import fedllm.strategies.synchronous.Synchronous;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Server and silos of one JVM, through whole runs. */
@Timeout(120)
class FederationTest {

  private static final long PLENTY = 64 << 20;

  @TempDir Path folder;

  private static Plugins plugins() {
    return plugins(new Drift());
  }

  private static Plugins plugins(Drift drift) {
    return new FixedPlugins(
        drift, new Height(), new FedAvg(), new Add(), new Everyone(), new Synchronous());
  }

  private static String job(int rounds) {
    return """
    trainer: { name: drift, step: 0.5 }
    strategy: { name: fedavg }
    protocol: { name: synchronous, rounds: %d, quorum: all }
    seed: 7
    """
        .formatted(rounds);
  }

  private static float[] result(RunView run) throws Exception {
    try (SafetensorsFile file =
        SafetensorsFile.open(Path.of(run.result().adapter(), "adapter_model.safetensors"))) {
      float[] values = new float[300_000];
      file.floats(file.tensor("m.0.B"), 0, values, 0, values.length);
      return values;
    }
  }

  @Test
  void theResultIsTheWeightedMeanOfEveryRound() throws Exception {
    try (Federate federation = new Federate(folder, plugins())) {
      Console console = federation.server(PLENTY);
      federation.silo("a");
      federation.silo("bcd");
      Federate.awaitSilos(console, 2);
      String id = console.submit(job(3), "job.yaml");
      RunView run = Federate.await(console, id, r -> r.state().ended());
      assertEquals(RunState.COMPLETED, run.state(), run.says());
      assertEquals(4, run.rounds().size());
      // examples 1 and 3, updates 0.5 and 1.5: a mean of 1.25 a round
      for (float value : result(run)) {
        assertEquals(3.75f, value);
      }
      RoundView last = run.rounds().get(3);
      assertEquals(List.of("a", "bcd"), last.members());
      assertEquals(2L * 4 * Drift.SCHEMA.size(), last.bytesFp32());
      assertTrue(last.bytesUp() > last.bytesFp32());
      assertEquals(run.result().sha256(), last.sha256());
    }
  }

  @Test
  void aFoldFromTheLogGivesTheSameBytesAsOneFromMemory() throws Exception {
    String[] sha256 = new String[2];
    for (int i = 0; i < 2; i++) {
      try (Federate federation = new Federate(folder.resolve("try" + i), plugins())) {
        Console console = federation.server(i == 0 ? PLENTY : 1000);
        for (String silo : List.of("one", "three", "fifteen")) {
          federation.silo(silo);
        }
        Federate.awaitSilos(console, 3);
        String id = console.submit(job(2), "job.yaml");
        RunView run = Federate.await(console, id, r -> r.state().ended());
        assertEquals(RunState.COMPLETED, run.state(), run.says());
        sha256[i] = run.result().sha256();
        assertNotEquals(run.rounds().get(0).sha256(), sha256[i]);
      }
    }
    assertEquals(sha256[0], sha256[1]);
  }

  @Test
  void aSiloThatDiesAmidItsUploadAndIsStartedAgainGoesOnWithIt() throws Exception {
    for (long memory : new long[] {PLENTY, 1000}) {
      assertEquals(1, uploadsAfterDeath("goes-on-" + memory, memory, new Drift()));
    }
  }

  @Test
  void anUploadThatStartsOverIsNotMixedWithWhatTheLogHoldsOfTheFirst() throws Exception {
    for (long memory : new long[] {PLENTY, 1000}) {
      assertEquals(2, uploadsAfterDeath("starts-over-" + memory, memory, new Drift(0.25f)));
    }
  }

  /** Kills a silo in round 2 of 3 and starts it again; answers how many uploads it began then. */
  private int uploadsAfterDeath(String name, long memory, Drift before) throws Exception {
    try (Federate federation = new Federate(folder.resolve(name), plugins())) {
      Console console = federation.server(memory);
      federation.silo("a");
      Mortal mortal =
          new Mortal(
              federation.broker(),
              headers -> "2".equals(headers.get("round")) && "1".equals(headers.get("chunk")));
      federation.silo("bcd", mortal, plugins(before));
      Federate.awaitSilos(console, 2);
      String id = console.submit(job(3), "job.yaml");
      mortal.awaitDeath();
      AtomicInteger begins = new AtomicInteger();
      federation.silo("bcd", new Mortal(federation.broker(), counting(begins)), plugins());
      RunView run = Federate.await(console, id, r -> r.state().ended());
      assertEquals(RunState.COMPLETED, run.state(), run.says());
      for (RoundView round : run.rounds().subList(1, 4)) {
        assertEquals(List.of("a", "bcd"), round.members(), round.toString());
      }
      float undisturbed = 3.75f;
      float more = 0.75f * before.otherwise(); // what it learned in round 1
      for (float value : result(run)) {
        assertEquals(undisturbed + more, value);
      }
      return begins.get();
    }
  }

  /** Kills nobody. */
  private static Predicate<Map<String, String>> counting(AtomicInteger begins) {
    return headers -> {
      if ("begin".equals(headers.get(Post.KIND))) {
        begins.incrementAndGet();
      }
      return false;
    };
  }

  @Test
  void whatIsWrongIsNamedAndNeverCountsAndTheOthersGoOn() throws Exception {
    try (Federate federation = new Federate(folder, plugins())) {
      Console console = federation.server(PLENTY);
      List<String> bad = List.of("bad-luck", "bad-code", "bad-nan", "bad-shape");
      federation.silo("good");
      bad.forEach(federation::silo);
      Federate.awaitSilos(console, 5);
      String id = console.submit(job(2), "job.yaml");
      RunView run = Federate.await(console, id, r -> r.state().ended());
      assertEquals(RunState.COMPLETED, run.state(), run.says());
      for (RoundView round : run.rounds().subList(1, 3)) {
        assertEquals(List.of("good"), round.members());
        assertTrue(round.absent().get("bad-luck").contains("notes.csv:7"), round.toString());
        assertTrue(round.absent().get("bad-nan").contains("m.0.B"), round.toString());
        assertTrue(round.absent().get("bad-shape").contains("m.0.A"), round.toString());
        assertFalse(round.absent().get("bad-code").contains("secret"), round.toString());
      }
      assertEquals(4f, result(run)[0]);
    }
  }

  @Test
  void aServerThatComesBackGoesOnAfterTheLastStateThatIsThere() throws Exception {
    try (Federate federation = new Federate(folder, plugins())) {
      Console console = federation.server(PLENTY);
      federation.silo("a");
      federation.silo("bcd");
      Federate.awaitSilos(console, 2);
      String id = console.submit(job(40), "job.yaml");
      Federate.await(console, id, r -> r.rounds().size() > 5);
      federation.stopServer();
      loseLatestState(folder.resolve("server/runs").resolve(id));
      Console again = federation.server(PLENTY);
      RunView run = Federate.await(again, id, r -> r.state().ended());
      assertEquals(RunState.COMPLETED, run.state(), run.says());
      assertEquals(41, run.rounds().size());
      assertEquals(50f, result(run)[0]);
    }
  }

  @Test
  void theLastStateIsMeasuredAlsoWhereNoRoundMeasures() throws Exception {
    assertEquals(List.of(2), measured(0));
    assertEquals(List.of(0, 1, 2), measured(1));
    assertEquals(List.of(0, 2), measured(2), "round 1 measures state 0");
  }

  /** The states of a run of two rounds that were measured, whose mean moves by 0.5 a round. */
  private List<Integer> measured(int every) throws Exception {
    try (Federate federation = new Federate(folder.resolve("every" + every), plugins())) {
      Console console = federation.server(PLENTY);
      federation.silo("a");
      Federate.awaitSilos(console, 1);
      String planner = "planner: { name: everyone, evaluateEvery: %d }\n".formatted(every);
      String id = console.submit(job(2) + "evaluate: [height]\n" + planner, "job.yaml");
      RunView run = Federate.await(console, id, r -> r.state().ended());
      assertEquals(RunState.COMPLETED, run.state(), run.says());
      List<RoundView> measured = run.rounds().stream().filter(r -> !r.metrics().isEmpty()).toList();
      for (RoundView round : measured) {
        assertEquals(0.5 * round.number(), round.metrics().get("a").get("height"));
      }
      return measured.stream().map(RoundView::number).toList();
    }
  }

  /** As a power cut may. */
  private static void loseLatestState(Path run) throws Exception {
    try (var files = Files.list(run)) {
      Path latest =
          files
              .filter(f -> f.getFileName().toString().startsWith("global-"))
              .max(Comparator.comparing(f -> f.toFile().lastModified()))
              .orElseThrow();
      Files.writeString(latest, "");
    }
  }

  @Test
  void aPausedRunWaitsAtTheBoundaryAndACancelledOneEnds() throws Exception {
    try (Federate federation = new Federate(folder, plugins())) {
      Console console = federation.server(PLENTY);
      federation.silo("a");
      Federate.awaitSilos(console, 1);
      String id = console.submit(job(100_000), "job.yaml");
      Federate.await(console, id, r -> r.rounds().size() > 2);
      console.pause(id);
      RunView paused = Federate.await(console, id, r -> r.state() == RunState.PAUSED);
      console.resume("last");
      Federate.await(console, id, r -> r.rounds().size() > paused.rounds().size());
      console.cancel(id);
      Federate.await(console, id, r -> r.state() == RunState.CANCELLED);
    }
  }

  @Test
  void aJobWithMistakesIsRefusedWithAllOfThemAndTheirLines() throws Exception {
    try (Federate federation = new Federate(folder, plugins())) {
      Console console = federation.server(PLENTY);
      String job =
          """
          trainer: { name: drift, stepp: 0.5 }
          strategy: { name: fedavgg }
          protocol: { name: synchronous, rounds: 0 }
          """;
      federation.silo("a");
      Federate.awaitSilos(console, 1);
      String says = assertThrows(Refused.class, () -> console.submit(job, "job.yaml")).getMessage();
      assertTrue(says.contains("job.yaml:1: trainer drift has no option stepp"), says);
      assertTrue(says.contains("job.yaml:2: no strategy is called fedavgg"), says);
      assertTrue(says.contains("did you mean fedavg?"), says);
      assertTrue(says.contains("job.yaml:3: protocol synchronous: rounds is 0"), says);
      assertTrue(console.runs().isEmpty());
      String misspelt =
          assertThrows(Refused.class, () -> console.submit("trainr: x\n" + job, "job.yaml"))
              .getMessage();
      assertTrue(
          misspelt.contains("job.yaml:1: no key is called trainr; did you mean trainer?"),
          misspelt);
    }
  }
}
