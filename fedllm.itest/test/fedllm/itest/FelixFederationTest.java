package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Refused;
import fedllm.api.run.Federation;
import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.api.run.UsedPlugin;
import fedllm.cli.node.ShellClient;
import fedllm.testkit.transport.MemoryBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;

/**
 * A server and two silos, each in a Felix of its own, watch one plugins folder and talk over a
 * broker in memory.
 */
@Timeout(300)
class FelixFederationTest {

  private static final String FEDAVG = "fedllm.strategies.fedavg";
  private static final List<String> NEEDED =
      List.of(
          "fedllm.strategies.add",
          "fedllm.strategies.everyone",
          "fedllm.strategies.synchronous",
          "fedllm.trainers.noise",
          "fedllm.codecs.bf16",
          FEDAVG);

  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path folder;

  private static Path plugins;
  private static final List<FelixNode> NODES = new ArrayList<>();
  private static Federation federation;

  private Path fedavg;
  private String run;

  @BeforeAll
  static void start() throws IOException {
    plugins = Files.createDirectories(folder.resolve("plugins"));
    NEEDED.forEach(bundle -> Jars.drop(Jars.house(bundle), plugins));
    MemoryBroker broker = new MemoryBroker();
    for (String name : List.of("server", "bank", "school")) {
      String role = name.equals("server") ? "server" : "silo";
      NODES.add(new FelixNode(role, name, folder.resolve(name), plugins, broker));
    }
    federation = NODES.get(0).federation();
    Await.until(
        "the silos do not join",
        () -> federation.silos().stream().filter(s -> s.state().equals("here")).count() == 2);
  }

  @AfterAll
  static void stop() {
    NODES.forEach(FelixNode::close);
  }

  @BeforeEach
  void submit() {
    fedavg = Jars.drop(Jars.house(FEDAVG), plugins);
    Await.until("fedavg is not everywhere", () -> having("strategy fedavg 0.1.0").size() == 3);
    run =
        federation.submit(
            """
            trainer: { name: noise, bytes: 100000 }
            strategy: { name: fedavg }
            codecs: { up: [ { name: bf16 } ] }
            protocol: { name: synchronous, rounds: 100000 }
            """,
            "noise.yaml");
    await(r -> r.rounds().size() > 5);
  }

  @AfterEach
  void cancel() {
    federation.cancel(run);
    await(r -> r.state() == RunState.CANCELLED);
  }

  private static List<String> having(String plugin) {
    return federation.plugins().stream()
        .filter(p -> (p.kind() + " " + p.name() + " " + p.version()).equals(plugin))
        .flatMap(p -> p.where().stream())
        .toList();
  }

  private RunView await(Predicate<RunView> until) {
    Await.until("the run is not as expected", () -> until.test(federation.run(run)) || hasFailed());
    RunView view = federation.run(run);
    assertFalse(hasFailed(), view.says());
    return view;
  }

  private boolean hasFailed() {
    return federation.run(run).state() == RunState.FAILED;
  }

  private static String strategy(RoundView round) {
    return round.plugins().stream()
        .filter(p -> p.kind().equals("strategy"))
        .map(UsedPlugin::version)
        .findFirst()
        .orElse("none");
  }

  @Test
  void aNewVersionTakesOverAtARoundsBoundaryAndNoRoundIsLost() {
    Path sample = Jars.drop(Jars.sample(FEDAVG), plugins);
    RunView swapped = await(r -> r.rounds().stream().anyMatch(x -> !x.changes().isEmpty()));
    RoundView first =
        swapped.rounds().stream().filter(r -> !r.changes().isEmpty()).findFirst().orElseThrow();
    assertEquals(List.of("strategy fedavg 0.1.0 → 0.2.0"), first.changes());
    int more = swapped.rounds().size() + 5;
    Jars.takeOut(fedavg);
    RunView later = await(r -> r.rounds().size() > more);
    for (RoundView round : later.rounds()) {
      assertEquals(later.rounds().indexOf(round), round.number());
      assertEquals(round.number() < first.number() ? "0.1.0" : "0.2.0", strategy(round));
      assertEquals(round.number() == 0 ? List.of() : List.of("bank", "school"), round.members());
    }
    for (FelixNode node : NODES) {
      Await.until("two fedavg stay", () -> node.bundles(FEDAVG).size() == 1);
      assertEquals("0.2.0", node.bundles(FEDAVG).get(0).getVersion().toString());
    }
    Jars.drop(Jars.house(FEDAVG), plugins);
    Jars.takeOut(sample);
    await(r -> strategy(r.rounds().get(r.rounds().size() - 1)).equals("0.1.0"));
  }

  @Test
  void aRunWithoutItsOnlyProviderPausesByNameAndGoesOnWithTheVeryBundleThatComesBack() {
    Bundle bundle = NODES.get(0).bundles(FEDAVG).get(0);
    Jars.takeOut(fedavg);
    RunView paused = await(r -> r.state() == RunState.PAUSED);
    assertTrue(paused.says().contains("strategy fedavg"), paused.says());
    Await.until("fedavg is still listed", () -> having("strategy fedavg 0.1.0").isEmpty());
    assertEquals(Bundle.ACTIVE, bundle.getState(), "the run holds it");
    Jars.drop(Jars.house(FEDAVG), plugins);
    RunView later = await(r -> r.rounds().size() > paused.rounds().size() + 3);
    assertEquals(RunState.RUNNING, later.state());
    assertEquals(List.of(bundle), NODES.get(0).bundles(FEDAVG));
    for (RoundView round : later.rounds().subList(1, later.rounds().size())) {
      assertEquals(List.of("bank", "school"), round.members());
    }
  }

  @Test
  void aPluginThatOnlySilosUseIsMissedByNameToo() {
    Path noise = plugins.resolve("fedllm.trainers.noise-0.1.0.jar");
    Jars.takeOut(noise);
    RunView paused = await(r -> r.state() == RunState.PAUSED);
    assertTrue(paused.says().contains("trainer noise"), paused.says());
    Jars.drop(Jars.house("fedllm.trainers.noise"), plugins);
    await(r -> r.rounds().size() > paused.rounds().size() + 3);
  }

  @Test
  void theShellAnswersPeopleAndPrograms() throws IOException {
    await(r -> r.rounds().size() > 3);
    try (ShellClient shell = new ShellClient(NODES.get(0).shell())) {
      assertTrue(shell.ask("fedllm:runs").contains(run));
      assertTrue(shell.ask("fedllm:run " + run).contains("strategy fedavg 0.1.0"));
      assertTrue(shell.ask("fedllm:methods").contains("1602.05629"));
      JsonNode shown = JSON.readTree(shell.ask("fedllm:run --json " + run));
      assertEquals("RUNNING", shown.get("state").asText());
      JsonNode rounds = JSON.readTree(shell.ask("fedllm:rounds --json last"));
      assertEquals("bank", rounds.get(1).get("members").get(0).asText());
      JsonNode methods = JSON.readTree(shell.ask("fedllm:methods --json strategy"));
      assertEquals("fedavg", methods.get(0).get("name").asText());
      String refused =
          assertThrows(Refused.class, () -> shell.ask("fedllm:run nobody")).getMessage();
      assertTrue(refused.contains("nobody") && refused.contains(run), refused);
      assertTrue(shell.ask("fedllm:silos").contains("school"), "the session outlives an error");
    }
    try (ShellClient shell = new ShellClient(NODES.get(1).shell())) {
      String refused = assertThrows(Refused.class, () -> shell.ask("fedllm:runs")).getMessage();
      assertTrue(refused.contains("silo bank"), refused);
    }
  }
}
