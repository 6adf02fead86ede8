package fedllm.cli;

import fedllm.cli.node.ShellClient;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "submit", description = "Give a job to a running server; prints the run's id.")
final class SubmitCommand implements Callable<Integer> {

  @Parameters(paramLabel = "JOB.yaml", description = "The job.")
  private Path job;

  @Mixin private ShellTarget target;

  @Override
  public Integer call() {
    try (ShellClient shell = target.connect()) {
      String file = job.toAbsolutePath().normalize().toString();
      shell.ask("fedllm:submit " + ShellClient.quoted(file), System.out);
      return 0;
    }
  }
}
