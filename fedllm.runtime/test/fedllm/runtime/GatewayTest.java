package fedllm.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.QuarantineView;
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
import fedllm.strategies.krum.Krum;
import fedllm.strategies.median.Median;
import fedllm.strategies.synchronous.Synchronous;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gateway that speaks for many small clients, beside a silo of its own. */
@Timeout(120)
class GatewayTest {

  @TempDir Path folder;

  private static Plugins plugins() {
    return new FixedPlugins(
        new Crowd(),
        new FedAvg(),
        new Krum(),
        new Median(),
        new Add(),
        new Everyone(),
        new Synchronous());
  }

  private static String job(String strategy, int clients) {
    return """
    trainer: { name: crowd }
    strategy: { name: %s }
    planner: { name: everyone, clients: %d }
    protocol: { name: synchronous, rounds: 2, quorum: all }
    seed: 7
    """
        .formatted(strategy, clients);
  }

  private RunView run(String name, String strategy, int clients, int quota) throws Exception {
    try (Federate federation = new Federate(folder.resolve(name), plugins())) {
      Console console = federation.server(64 << 20);
      federation.silo("phones", clients);
      federation.silo("bank");
      Federate.awaitSilos(console, 2);
      String id = console.submit(job(strategy, quota), "job.yaml");
      RunView run = Federate.await(console, id, r -> r.state().ended());
      quarantined = console.quarantine();
      return run;
    }
  }

  private List<QuarantineView> quarantined;

  private static float value(RunView run) throws Exception {
    assertEquals(RunState.COMPLETED, run.state(), run.says());
    try (SafetensorsFile file =
        SafetensorsFile.open(Path.of(run.result().adapter(), "adapter_model.safetensors"))) {
      float[] values = new float[Crowd.SIZE];
      file.floats(file.tensor("m.A"), 0, values, 0, values.length);
      return values[Crowd.SIZE - 1];
    }
  }

  @Test
  void everyClientOfAGatewayIsAMember() throws Exception {
    // clients 0..299 send their number, and the bank 1000, each with one example; 13 is not finite
    RunView run = run("all", "fedavg", 300, 300);
    float round = (300 * 299 / 2 - 13 + 1000) / 300f;
    assertEquals(2 * round, value(run), 1e-3);
    RoundView last = run.rounds().get(2);
    assertEquals(List.of("bank", "phones"), last.members());
    assertEquals(300L * 4 * Crowd.SIZE, last.bytesFp32());
    assertEquals(
        List.of("phones/0000013", "phones/0000013"),
        quarantined.stream().map(QuarantineView::silo).toList());
    assertTrue(quarantined.get(0).reason().contains("not finite"), "" + quarantined);
    // a rule that sees all of them: the middle of 299 values and 1000
    float middle = value(run("median", "median", 300, 300)) / 2;
    assertTrue(middle >= 149 && middle <= 151, "the median is " + middle);
  }

  @Test
  void aSmallerQuotaIsASampleOfItsClientsThatIsTheSameEveryTime() throws Exception {
    RunView first = run("first", "fedavg", 300, 20);
    assertEquals(value(first), value(run("again", "fedavg", 300, 20)));
    long updates = first.rounds().get(2).bytesFp32() / 4 / Crowd.SIZE;
    assertTrue(updates == 21 || updates == 20, updates + " updates");
  }

  @Test
  void aGatewayThatDiesAmidItsDeliveryBeginsItAnewAndTheLogsOtherHalfDoesNotCount()
      throws Exception {
    try (Federate federation = new Federate(folder.resolve("dies"), plugins())) {
      Console console = federation.server(64 << 20);
      Mortal mortal =
          new Mortal(
              federation.broker(),
              headers -> "2".equals(headers.get("round")) && "150".equals(headers.get("claim")));
      federation.silo("phones", mortal, plugins(), 300);
      federation.silo("bank");
      Federate.awaitSilos(console, 2);
      String id = console.submit(job("fedavg", 300), "job.yaml");
      mortal.awaitDeath();
      federation.silo("phones", 300);
      RunView run = Federate.await(console, id, r -> r.state().ended());
      assertEquals(2 * (300 * 299 / 2 - 13 + 1000) / 300f, value(run), 1e-3);
      assertEquals(List.of("bank", "phones"), run.rounds().get(2).members());
    }
  }

  @Test
  void aRuleThatNeedsManyMembersTakesAGatewayAlone() throws Exception {
    try (Federate federation = new Federate(folder.resolve("alone"), plugins())) {
      Console console = federation.server(64 << 20);
      federation.silo("phones", 12);
      Federate.awaitSilos(console, 1);
      String id = console.submit(job("krum", 12), "job.yaml");
      RunView run = Federate.await(console, id, r -> r.state().ended());
      float one = value(run);
      assertTrue(one >= 0 && one <= 22 && one == Math.rint(one), "one client's, twice: " + one);
    }
  }

  @Test
  void aGatewayThatNobodyAsksForClientsSitsOutByName() throws Exception {
    RunView run = run("none", "fedavg", 300, 0);
    assertEquals(2000, value(run), 1e-3);
    assertTrue(
        run.rounds().get(1).absent().get("phones").contains("set its option clients"),
        run.rounds().get(1).absent().toString());
  }
}
