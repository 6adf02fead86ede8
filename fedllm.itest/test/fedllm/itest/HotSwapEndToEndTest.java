package fedllm.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.cli.node.Node;
import fedllm.cli.node.Workspace;
import fedllm.cli.run.Account;
import fedllm.cli.run.JobRun;
import fedllm.cli.run.LocalFederation;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./fedllm run} starts, with its broker and processes, while plugins are swapped. */
@Timeout(600)
class HotSwapEndToEndTest {

  private static final List<String> ALL = List.of("bank", "clinic", "school");
  private static final String FEDAVG = "fedllm.strategies.fedavg";
  private static final String BF16 = "fedllm.codecs.bf16";
  private static final int ROUNDS = 120;

  @TempDir private Path folder;

  /** Somebody who waits for something to be seen, does something, and waits for the next. */
  private static final class Script implements JobRun.Onlooker {

    private record Step(Predicate<RunView> when, Consumer<Path> then) {}

    private final Deque<Step> steps = new ArrayDeque<>();
    private final Set<Long> processes = new HashSet<>();
    private final List<String> says = new ArrayList<>();
    private RunView last;
    private RoundClock clock;

    Script when(Predicate<RunView> when, Consumer<Path> then) {
      steps.add(new Step(when, then));
      return this;
    }

    @Override
    public void onLook(LocalFederation federation, RunView run, Consumer<String> say) {
      last = run;
      federation.nodes().stream().map(Node::process).forEach(p -> processes.add(p.pid()));
      if (!run.says().isEmpty()) {
        says.add(run.state() + " " + run.says());
      }
      if (!steps.isEmpty() && steps.peek().when().test(run)) {
        steps.remove().then().accept(federation.plugins());
      }
      if (run.state().ended()) {
        clock = clock(federation.plugins().resolveSibling("kafka.properties"));
        clock.readUntil(run.rounds().size() - 1);
        clock.close();
      }
    }

    private static RoundClock clock(Path kafka) {
      Properties properties = new Properties();
      try (var in = Files.newBufferedReader(kafka)) {
        properties.load(in);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return new RoundClock(properties.getProperty("bootstrap.servers"), "itest");
    }
  }

  private static Predicate<RunView> changed(String plugin) {
    return run -> run.rounds().stream().anyMatch(r -> r.changes().contains(plugin));
  }

  @Test
  void pluginsAreSwappedInMidRunAndNothingIsLostOrRestarted() throws Exception {
    String fedavg = "strategy fedavg 0.1.0 → 0.2.0";
    String bf16 = "codec bf16 0.1.0 → 0.2.0";
    Script script =
        new Script()
            .when(
                run -> run.rounds().size() > 5, plugins -> Jars.drop(Jars.sample(FEDAVG), plugins))
            .when(changed(fedavg), plugins -> Jars.drop(Jars.sample(BF16), plugins))
            .when(
                changed(bf16),
                plugins -> {
                  Jars.takeOut(plugins.resolve(FEDAVG + "-0.1.0.jar"));
                  Jars.takeOut(plugins.resolve(FEDAVG + "-0.2.0.jar"));
                })
            .when(
                run -> run.state() == RunState.PAUSED,
                plugins -> Jars.drop(Jars.sample(FEDAVG), plugins));
    RunView run = run(script);

    assertEquals(RunState.COMPLETED, run.state(), run.says());
    assertTrue(script.steps.isEmpty(), "the run was over too soon: " + script.steps.size());
    assertEquals(ROUNDS + 1, run.rounds().size());
    for (RoundView round : run.rounds().subList(1, ROUNDS + 1)) {
      assertEquals(ALL, round.members(), "round " + round.number() + " lacks " + round.absent());
    }
    assertEquals(4, script.processes.size(), "a node was restarted");
    assertTrue(
        script.says.stream().anyMatch(s -> s.startsWith("PAUSED waits for strategy fedavg")),
        script.says.toString());
    assertSwappedOnce(run, script.clock, fedavg);
    assertSwappedOnce(run, script.clock, bf16);
  }

  /** Runs the job as the command does. */
  private RunView run(Script script) throws Exception {
    Path work = Files.createDirectories(folder.resolve("work"));
    Account account = new Account("noise.yaml");
    try (PrintStream out = new PrintStream(Files.newOutputStream(folder.resolve("out.txt")))) {
      new JobRun(TinyJob.write(folder, ROUNDS, 1 << 20), Workspace.here(), account, out, false)
          .run(work, run -> folder.resolve("out"), script);
    }
    return script.last;
  }

  private static void assertSwappedOnce(RunView run, RoundClock clock, String change) {
    List<RoundView> changes =
        run.rounds().stream().filter(r -> r.changes().contains(change)).toList();
    assertEquals(1, changes.size(), change);
    int first = changes.get(0).number();
    String plugin = change.substring(0, change.indexOf(" 0.1.0"));
    for (RoundView round : run.rounds().subList(1, run.rounds().size())) {
      String version = round.number() < first ? " 0.1.0" : " 0.2.0";
      assertTrue(
          round.plugins().stream().anyMatch(p -> p.toString().equals(plugin + version)),
          "round " + round.number() + " has " + round.plugins());
    }
    long gapMs = clock.gapMs(first);
    System.out.printf(
        "swap of %s before round %d: %d ms after the round before; the median is %d ms, all took"
            + " %d s%n",
        plugin, first, gapMs, clock.medianGapMs(), clock.seconds());
    assertNotEquals(1, first, "the run began with it");
    // A machine that others keep busy is slow between other rounds, too.
    long usualMs = Math.max(clock.medianGapMs(), clock.worstGapMs(2, first - 1));
    assertTrue(gapMs < usualMs + 1000, change + " took " + gapMs + " ms, others " + usualMs);
  }
}
