package fedllm.cli;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunView;
import fedllm.cli.node.PluginJar;
import fedllm.cli.node.Workspace;
import fedllm.cli.run.JobRun;
import fedllm.cli.run.LocalFederation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "demo",
    description =
        "Three silos learn together, with nothing to download; in mid-run a new version of the"
            + " strategy is dropped in.")
final class DemoCommand implements Callable<Integer> {

  private static final String SAMPLE = "fedllm.strategies.fedavg-0.2.0.jar";
  private static final int SWAP_AFTER_ROUND = 3;

  @Mixin private RunOptions options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Workspace workspace = Workspace.here();
    PluginJar sample =
        PluginJar.read(
            Workspace.built(
                workspace.project("fedllm.samples").resolve("generated").resolve(SAMPLE)));
    return RunCommand.run(
        workspace.root().resolve("launch/demo/job.yaml"), options, workspace, new Swap(sample));
  }

  /** Drops the sample in once, and says when the run has taken it up. */
  private static final class Swap implements JobRun.Onlooker {

    private final PluginJar sample;
    private boolean dropped;
    private boolean told;

    Swap(PluginJar sample) {
      this.sample = sample;
    }

    @Override
    public void onLook(LocalFederation federation, RunView run, Consumer<String> say) {
      List<RoundView> rounds = run.rounds();
      if (!dropped && rounds.stream().anyMatch(round -> round.number() >= SWAP_AFTER_ROUND)) {
        dropped = true;
        say.accept(">> dropping " + SAMPLE + " into " + federation.plugins());
        copy(federation.plugins());
      }
      if (dropped && !told) {
        rounds.stream()
            .filter(round -> !round.changes().isEmpty())
            .findFirst()
            .ifPresent(round -> tell(round, say));
      }
    }

    private void tell(RoundView round, Consumer<String> say) {
      told = true;
      say.accept(
          ">> swapped before round %d, nothing restarted: %s"
              .formatted(round.number(), String.join(", ", round.changes())));
    }

    private void copy(Path plugins) {
      try {
        sample.copyInto(plugins);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot copy the sample into " + plugins, e);
      }
    }
  }
}
