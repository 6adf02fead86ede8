package fedllm.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.format.SafetensorsFile;
import fedllm.runtime.plugin.FixedPlugins;
import fedllm.runtime.plugin.Plugins;
import fedllm.runtime.server.Console;
import fedllm.strategies.everyone.Everyone;
import fedllm.strategies.fedavgm.FedAvgM;
import fedllm.strategies.krum.Krum;
import fedllm.strategies.median.Median;
import fedllm.strategies.synchronous.Synchronous;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rules that see all members' values, and an optimizer that remembers, through whole runs. */
@Timeout(120)
class RobustFederationTest {

  private static final List<String> SILOS = List.of("a", "b", "c", "dd", "liarliarliar");

  @TempDir Path folder;

  private static Plugins plugins() {
    return new FixedPlugins(
        new Drift(), new Krum(), new Median(), new FedAvgM(), new Everyone(), new Synchronous());
  }

  private static String job(String strategy, String quorum) {
    return """
    trainer: { name: drift, step: 0.5 }
    strategy: { name: %s }
    optimizer: { name: fedavgm, beta: 0.5 }
    protocol: { name: synchronous, rounds: 3, quorum: %s }
    seed: 7
    """
        .formatted(strategy, quorum);
  }

  private static void assertResult(RunView run, float expected) throws Exception {
    assertEquals(RunState.COMPLETED, run.state(), run.says());
    try (SafetensorsFile file =
        SafetensorsFile.open(Path.of(run.result().adapter(), "adapter_model.safetensors"))) {
      float[] values = new float[300_000];
      file.floats(file.tensor("m.0.B"), 0, values, 0, values.length);
      for (float value : values) {
        assertEquals(expected, value);
      }
    }
  }

  @Test
  void momentumOverKrumFollowsNoLiarFromMemoryAndFromTheLog() throws Exception {
    for (long memoryBytes : new long[] {64 << 20, 1000}) {
      for (String strategy : List.of("krum", "median")) {
        Path here = folder.resolve(strategy + memoryBytes);
        try (Federate federation = new Federate(here, plugins())) {
          Console console = federation.server(memoryBytes);
          SILOS.forEach(federation::silo);
          Federate.awaitSilos(console, SILOS.size());
          String id = console.submit(job(strategy, "all"), "job.yaml");
          RunView run = Federate.await(console, id, r -> r.state().ended());
          // each round's update is 0.5; v is 0.5, 0.75, 0.875
          assertResult(run, 2.125f);
        }
      }
    }
  }

  @Test
  void tooFewMembersAreRefusedWithTheRuleAndARoundOfTooFewIsRepeated() throws Exception {
    try (Federate federation = new Federate(folder, plugins())) {
      Console console = federation.server(64 << 20);
      List.of("a", "b", "c", "bad-nan").forEach(federation::silo);
      Federate.awaitSilos(console, 4);
      Refused refused =
          assertThrows(Refused.class, () -> console.submit(job("krum", "all"), "job.yaml"));
      assertEquals(
          "job.yaml:2: strategy krum: byzantine: 1 takes 2 x 1 + 3 = 5 members, and there are 4;"
              + " known are 4 silos: start more before, or change the options",
          refused.getMessage());
      federation.silo("d");
      Federate.awaitSilos(console, 5);
      String id = console.submit(job("krum", "4"), "job.yaml");
      RunView run = Federate.await(console, id, r -> r.state().ended());
      assertEquals(RunState.FAILED, run.state());
      assertTrue(run.says().contains("takes 2 x 1 + 3 = 5 members, and there are 4"), run.says());
    }
  }
}
