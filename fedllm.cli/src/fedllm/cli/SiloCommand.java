package fedllm.cli;

import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "silo", description = "Run a silo beside its private data, until it is stopped.")
final class SiloCommand implements Callable<Integer> {

  @Option(names = "--name", required = true, description = "Its name in the federation.")
  private String name;

  @Option(
      names = "--config",
      paramLabel = "silo.yaml",
      required = true,
      description = "Where its base models and data lie.")
  private Path config;

  @Mixin private NodeOptions options;

  @Mixin private ComputeOptions compute;

  @Override
  public Integer call() throws IOException, InterruptedException {
    compute.apply();
    Workspace workspace = Workspace.here();
    return Foreground.run(options.spec("silo", name, config, workspace), workspace);
  }
}
