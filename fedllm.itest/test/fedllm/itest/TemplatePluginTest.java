package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import fedllm.api.run.Federation;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.cli.node.PluginJar;
import fedllm.cli.node.Workspace;
import fedllm.testkit.transport.MemoryBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The template of a plugin, somewhere outside the workspace: plain Maven makes a bundle of it that
 * passes the contract's test, and a federation that runs takes it up.
 */
@Timeout(900)
class TemplatePluginTest {

  private static final String JOB =
      """
      trainer: { name: noise, bytes: 100000 }
      strategy: %s
      protocol: { name: synchronous, rounds: %d }
      """;

  @TempDir private Path folder;

  private final List<FelixNode> nodes = new ArrayList<>();
  private Federation federation;

  @AfterEach
  void stop() {
    nodes.forEach(FelixNode::close);
  }

  @Test
  void whatMavenMakesOfItPassesTheContractAndDropsIntoAFederationThatRuns() throws Exception {
    Path jar = made(Workspace.here());
    Path plugins = Files.createDirectories(folder.resolve("plugins"));
    start(plugins);
    String running = federation.submit(JOB.formatted("fedavg", 100_000), "before.yaml");
    await(running, run -> run.rounds().size() > 3);
    Jars.drop(PluginJar.read(jar), plugins);
    Await.until(
        "meamed is not taken up",
        () -> federation.plugins().stream().anyMatch(plugin -> plugin.name().equals("meamed")));
    int rounds = federation.run(running).rounds().size();
    await(running, run -> run.rounds().size() > rounds + 3);
    federation.cancel(running);
    await(running, run -> run.state().ended());
    String mine =
        federation.submit(JOB.formatted("{ name: meamed, byzantine: 0 }", 3), "after.yaml");
    RunView run = await(mine, view -> view.state().ended());
    assertEquals(RunState.COMPLETED, run.state(), run.says());
    assertTrue(
        run.rounds().get(3).plugins().stream().anyMatch(used -> used.name().equals("meamed")));
  }

  private void start(Path plugins) throws IOException {
    for (String bundle :
        List.of(
            "fedllm.strategies.add",
            "fedllm.strategies.everyone",
            "fedllm.strategies.synchronous",
            "fedllm.strategies.fedavg",
            "fedllm.trainers.noise")) {
      Jars.drop(Jars.house(bundle), plugins);
    }
    MemoryBroker broker = new MemoryBroker();
    for (String name : List.of("server", "bank", "school")) {
      String role = name.equals("server") ? "server" : "silo";
      nodes.add(new FelixNode(role, name, folder.resolve(name), plugins, broker));
    }
    federation = nodes.get(0).federation();
    Await.until(
        "the silos do not join",
        () -> federation.silos().stream().filter(s -> s.state().equals("here")).count() == 2);
  }

  private RunView await(String run, Predicate<RunView> until) {
    Await.until(
        "the run is not as expected",
        () -> until.test(federation.run(run)) || federation.run(run).state() == RunState.FAILED);
    return federation.run(run);
  }

  /** The bundle that Maven makes of a copy of the template. */
  private Path made(Workspace workspace) throws Exception {
    Path copy = Files.createDirectories(folder.resolve("mine"));
    copy(workspace.root().resolve("launch/template-plugin"), copy);
    Path log = folder.resolve("maven.log");
    ProcessBuilder maven =
        new ProcessBuilder("mvn", "-q", "-B", "-Dfedllm.home=" + workspace.root(), "package");
    maven.environment().put("JAVA_HOME", System.getProperty("java.home"));
    int exit =
        maven
            .directory(copy.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    String said = Files.readString(log);
    assumeFalse(
        exit != 0 && said.contains("could not be resolved"),
        () -> "Maven cannot reach what the template needs: " + said);
    assertEquals(0, exit, said);
    String report =
        Files.readString(
            copy.resolve("target/surefire-reports/TEST-com.example.meamed.MeaMedTest.xml"));
    assertTrue(report.contains("keepsWhatAllMembersAgreeOn"), report);
    return copy.resolve("target/com.example.meamed-0.1.0.jar");
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(file -> !file.startsWith(from.resolve("target"))).toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }
}
