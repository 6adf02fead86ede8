package fedllm.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.Refused;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.format.SafetensorsFile;
import fedllm.runtime.plugin.FixedPlugins;
import fedllm.runtime.plugin.Plugins;
import fedllm.runtime.server.Console;
import fedllm.strategies.add.Add;
import fedllm.strategies.everyone.Everyone;
import fedllm.strategies.fedavg.FedAvg;
import fedllm.strategies.replace.Replace;
import fedllm.strategies.synchronous.Synchronous;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Updates of other shapes than the state, and a state whose shapes change. */
@Timeout(120)
class OtherShapesTest {

  static final String JOB =
      """
      trainer: { name: rows }
      strategy: { name: stack }
      optimizer: { name: replace }
      planner: { name: lengths }
      protocol: { name: synchronous, rounds: 2, quorum: all }
      evaluate: [height]
      seed: 7
      """;

  @TempDir Path folder;

  static Plugins plugins() {
    return new FixedPlugins(
        new Stacks.Rows(),
        new Stacks.Stack(),
        new Stacks.Lengths(),
        new Height(),
        new FedAvg(),
        new Add(),
        new Replace(),
        new Everyone(),
        new Synchronous());
  }

  @Test
  void theStateGrowsByWhatMembersSendFromMemoryAndFromTheLog() throws Exception {
    for (long memoryBytes : new long[] {1 << 20, 10}) {
      try (Federate federation = new Federate(folder.resolve("" + memoryBytes), plugins())) {
        Console console = federation.server(memoryBytes);
        List.of("a", "bcd", "bad-luck").forEach(federation::silo);
        Federate.awaitSilos(console, 3);
        RunView run =
            Federate.await(console, console.submit(JOB, "job.yaml"), r -> r.state().ended());
        assertEquals(RunState.COMPLETED, run.state(), run.says());
        RoundView last = run.rounds().get(2);
        assertEquals(List.of("a", "bcd"), last.members());
        assertTrue(last.absent().get("bad-luck").contains("m.1.A[8, 4] belongs"), "" + last);
        assertEquals(4 * (4 + 12), last.bytesFp32());
        // the evaluator sees what is the client's own
        assertEquals(3.0, last.metrics().get("bcd").get("height"));
        assertResult(Path.of(run.result().adapter()));
      }
    }
  }

  private static void assertResult(Path adapter) throws Exception {
    try (SafetensorsFile file = SafetensorsFile.open(adapter.resolve("adapter_model.safetensors"));
        SafetensorsFile whole = SafetensorsFile.open(adapter.resolve("fedllm_state.safetensors"))) {
      assertEquals(List.of(4L, 4L), file.tensor("m.1.A").shape());
      assertEquals(List.of(300_000L), file.tensor("m.0.A").shape());
      assertEquals(2, file.schema().tensors().size());
      assertEquals(3, whole.schema().tensors().size());
      float[] values = new float[16];
      file.floats(file.tensor("m.1.A"), 0, values, 0, 16);
      for (int i = 0; i < 16; i++) {
        assertEquals(i < 4 ? 21 : 23, values[i]);
      }
    }
  }

  @Test
  void pluginsThatDoNotComposeAreRefusedAtTheirLines() throws Exception {
    try (Federate federation = new Federate(folder, plugins())) {
      Console console = federation.server(1 << 20);
      federation.silo("a");
      Federate.awaitSilos(console, 1);
      String job = JOB.replace("replace", "add").replace("{ name: rows }", "{ name: drift }");
      Refused refused = assertThrows(Refused.class, () -> console.submit(job, "job.yaml"));
      assertEquals(
          """
          job.yaml:1: no trainer is called drift; installed are rows
          job.yaml:2: strategy stack works only with the trainer rows; name it
          job.yaml:3: optimizer add adds to the state, and strategy stack combines values that take\
           its place; take replace\
          """,
          refused.getMessage());
    }
  }
}
