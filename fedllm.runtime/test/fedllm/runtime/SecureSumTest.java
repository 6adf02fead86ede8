package fedllm.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.codecs.integers.Integers;
import fedllm.codecs.topk.TopK;
import fedllm.format.SafetensorsFile;
import fedllm.privacy.clip.Clip;
import fedllm.privacy.secagg.Masking;
import fedllm.privacy.secagg.Phases;
import fedllm.privacy.secagg.SecAgg;
import fedllm.privacy.secagg.Turns;
import fedllm.privacy.secagg.Unmasking;
import fedllm.runtime.plugin.FixedPlugins;
import fedllm.runtime.plugin.Plugins;
import fedllm.runtime.server.Console;
import fedllm.strategies.add.Add;
import fedllm.strategies.everyone.Everyone;
import fedllm.strategies.krum.Krum;
import fedllm.strategies.synchronous.Synchronous;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secure aggregation through server and silos, each of which dies in each phase. */
@Timeout(240)
class SecureSumTest {

  private static final long PLENTY = 64 << 20;
  private static final List<String> SILOS = List.of("a", "bcd", "efghi", "jk");

  /** What is made of a value is a step away at most. */
  private static final double STEP = 2 * 8 / 65_535.0;

  @TempDir Path folder;

  private static Plugins plugins() {
    return new FixedPlugins(
        new Drift(),
        new Height(),
        new SecAgg(),
        new Masking(),
        new Unmasking(),
        new Turns(),
        new Phases(),
        new Krum(),
        new Add(),
        new Everyone(),
        new Synchronous(),
        new Integers(),
        new TopK(),
        new Clip());
  }

  private static String job(String quorum) {
    return """
    trainer: { name: secagg, of: { name: drift, step: 0.5 } }
    strategy: { name: secagg, threshold: 3, clip: 8 }
    optimizer: { name: secagg, of: { name: add } }
    planner: { name: secagg, of: { name: everyone } }
    protocol: { name: secagg, of: { name: synchronous, rounds: 2, quorum: %s } }
    codecs: { up: [integers], down: [integers] }
    evaluate: [height]
    seed: 7
    """
        .formatted(quorum);
  }

  private static float[] result(RunView run) throws Exception {
    try (SafetensorsFile file =
        SafetensorsFile.open(Path.of(run.result().adapter(), "adapter_model.safetensors"))) {
      assertEquals(Drift.SCHEMA, file.schema());
      float[] values = new float[300_000];
      file.floats(file.tensor("m.0.B"), 0, values, 0, values.length);
      return values;
    }
  }

  /** The step of an aggregation of some silos, each weighed by its name's length. */
  private static double mean(List<String> members) {
    double sum = members.stream().mapToInt(m -> m.length() * m.length()).sum();
    return 0.5 * sum / members.stream().mapToInt(String::length).sum();
  }

  private static void assertResult(RunView run, double expected) throws Exception {
    assertEquals(RunState.COMPLETED, run.state(), run.says());
    assertEquals(9, run.rounds().size());
    double average = 0;
    float[] values = result(run);
    for (float value : values) {
      assertEquals(expected, value, 2 * STEP);
      average += value / values.length;
    }
    assertEquals(expected, average, STEP / 100);
  }

  private RunView run(String name, long memoryBytes) throws Exception {
    try (Federate federation = new Federate(folder.resolve(name), plugins())) {
      Console console = federation.server(memoryBytes);
      SILOS.forEach(federation::silo);
      Federate.awaitSilos(console, SILOS.size());
      String id = console.submit(job("all"), "job.yaml");
      RunView run = Federate.await(console, id, r -> r.state().ended());
      assertResult(run, 2 * mean(SILOS));
      return run;
    }
  }

  @Test
  void theMeanIsThePlainOneToAStepAndEveryRunMakesTheSameBytes() throws Exception {
    RunView one = run("memory", PLENTY);
    RunView other = run("log", 1000);
    assertEquals(one.result().sha256(), other.result().sha256());
    RoundView keys = one.rounds().get(1);
    RoundView masked = one.rounds().get(3);
    assertTrue(keys.bytesUp() < 4 * 3000, "" + keys);
    // A ring element takes the 4 bytes that a plain value takes.
    assertEquals(1, masked.bytesUp() / (4.0 * 4 * Drift.SCHEMA.size()), 0.02);
    assertEquals(mean(SILOS), one.rounds().get(4).metrics().get("a").get("height"), 2 * STEP);
    assertEquals(2 * mean(SILOS), one.rounds().get(8).metrics().get("a").get("height"), 4 * STEP);
    for (int round : new int[] {2, 3, 5, 6, 7}) {
      assertEquals(Map.of(), one.rounds().get(round).metrics(), "of round " + round);
    }
  }

  /** Its update of a round has begun, and no chunk of it comes. */
  private static Predicate<Map<String, String>> chunkOf(int round) {
    return headers -> headers.containsKey("chunk") && ("" + round).equals(headers.get("round"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void whoIsKilledInAPhaseIsMissingInTheSumOrNot(int phase) throws Exception {
    try (Federate federation = new Federate(folder, plugins())) {
      Console console = federation.server(PLENTY);
      List.of("a", "bcd", "jk").forEach(federation::silo);
      Mortal mortal = new Mortal(federation.broker(), chunkOf(phase));
      federation.silo("efghi", mortal, plugins());
      Federate.awaitSilos(console, 4);
      String id = console.submit(job("present"), "job.yaml");
      mortal.awaitDeath();
      RunView run = Federate.await(console, id, r -> r.state().ended());
      List<String> left = List.of("a", "bcd", "jk");
      // Killed when only its shares were still wanted, it is in the first sum.
      assertResult(run, mean(phase < 4 ? left : SILOS) + mean(left));
      assertEquals(left, run.rounds().get(8).members());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void whoComesBackInAPhaseGoesOnWithItsKeys(int phase) throws Exception {
    try (Federate federation = new Federate(folder, plugins())) {
      Console console = federation.server(PLENTY);
      List.of("a", "bcd", "jk").forEach(federation::silo);
      Mortal mortal = new Mortal(federation.broker(), chunkOf(phase));
      federation.silo("efghi", mortal, plugins());
      Federate.awaitSilos(console, 4);
      String id = console.submit(job("all"), "job.yaml");
      mortal.awaitDeath();
      federation.silo("efghi");
      RunView run = Federate.await(console, id, r -> r.state().ended());
      assertResult(run, 2 * mean(SILOS));
      for (RoundView round : run.rounds().subList(1, 9)) {
        assertEquals(SILOS, round.members());
      }
    }
  }

  @Test
  void aServerThatComesBackBetweenPhasesGoesOn() throws Exception {
    try (Federate federation = new Federate(folder, plugins())) {
      Console console = federation.server(PLENTY);
      SILOS.forEach(federation::silo);
      Federate.awaitSilos(console, SILOS.size());
      String id = console.submit(job("all"), "job.yaml");
      for (int round = 1; round < 8; round++) {
        int closed = round;
        Federate.await(console, id, r -> r.state().ended() || r.rounds().size() > closed);
        federation.stopServer();
        console = federation.server(PLENTY);
      }
      RunView run = Federate.await(console, id, r -> r.state().ended());
      assertResult(run, 2 * mean(SILOS));
    }
  }

  @Test
  void tooFewSilosAreNeverUnmasked() throws Exception {
    try (Federate federation = new Federate(folder, plugins())) {
      Console console = federation.server(PLENTY);
      SILOS.forEach(federation::silo);
      federation.silo("bad-luck");
      Federate.awaitSilos(console, 5);
      String job = job("all").replace("threshold: 3", "threshold: 5");
      RunView run =
          Federate.await(console, console.submit(job, "job.yaml"), r -> r.state().ended());
      assertEquals(RunState.FAILED, run.state());
      assertTrue(
          run.says().contains("secagg: 4 silos are there, and it takes 5 to unmask"), run.says());
      assertTrue(run.says().contains("bad-luck=notes.csv:7"), run.says());
      assertEquals(1, run.rounds().size());
    }
  }

  @Test
  void whatDoesNotSumIsRefusedByName() throws Exception {
    try (Federate federation = new Federate(folder, plugins())) {
      Console console = federation.server(PLENTY);
      SILOS.forEach(federation::silo);
      Federate.awaitSilos(console, SILOS.size());
      assertRefused(
          console,
          job("all").replace("secagg, threshold: 3, clip: 8", "krum"),
          """
          job.yaml:1: trainer secagg works only with the strategy secagg; name it
          job.yaml:1: trainer secagg works only with what is SUMS, and the strategy krum of line 2 is\
           not; take another one
          """);
      assertRefused(
          console,
          job("all").replace("up: [integers]", "up: [topk]"),
          """
          job.yaml:2: strategy secagg works only with what is LOSSLESS, and the codec topk of line 6\
           is not; take another one
          """);
      assertRefused(
          console,
          job("all") + "guards: [ { name: clip, norm: 1 } ]\n",
          """
          job.yaml:2: strategy secagg works only with what is LOSSLESS, and the guard clip of line 9\
           is not; take another one
          """);
      assertRefused(
          console,
          job("all").replace("clip: 8", "clip: 8, bits: 24"),
          """
          job.yaml:2: strategy secagg: 4 silos of up to 1,000 examples (maxWeight) and codes of 24\
           bits could sum up to more than the ring's 2^32; at most 20 bits are possible
          """);
      assertRefused(
          console,
          job("all").replace("threshold: 3", "threshold: 5"),
          """
          job.yaml:2: strategy secagg: 4 silos are there, and it takes 5 to unmask (threshold)
          """);
    }
  }

  private static void assertRefused(Console console, String job, String lines) {
    String says = assertThrows(Refused.class, () -> console.submit(job, "job.yaml")).getMessage();
    for (String line : lines.strip().split("\n", -1)) {
      assertTrue(says.contains(line), says);
    }
  }
}
