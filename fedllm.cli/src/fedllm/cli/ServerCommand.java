package fedllm.cli;

import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "server", description = "Run a federation's server, until it is stopped.")
final class ServerCommand implements Callable<Integer> {

  @Option(
      names = "--name",
      defaultValue = "server",
      description = "Its name on this machine; server where nothing is said.")
  private String name;

  @Mixin private NodeOptions options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Workspace workspace = Workspace.here();
    return Foreground.run(options.spec("server", name, null, workspace), workspace);
  }
}
