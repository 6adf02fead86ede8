package fedllm.cli;

import fedllm.api.error.Cancelled;
import fedllm.api.error.Ends;
import fedllm.api.error.Unreachable;
import fedllm.cli.job.Job;
import fedllm.cli.job.Variables;
import fedllm.cli.node.Workspace;
import fedllm.cli.run.JobRun;
import fedllm.cli.run.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "run",
    description = "Run a job on this machine: a broker, a server and a process for every silo.")
final class RunCommand implements Callable<Integer> {

  @Parameters(paramLabel = "JOB.yaml", description = "The job.")
  private Path job;

  @Mixin private RunOptions options;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Workspace workspace = Workspace.here();
    return run(job, options, workspace, (federation, run, say) -> {});
  }

  static int run(Path file, RunOptions options, Workspace workspace, JobRun.Onlooker onlooker)
      throws IOException, InterruptedException {
    Job job = Job.read(file, Variables.of(System.getenv(), workspace.root()));
    JobRun run = new JobRun(job, workspace, System.out, Terminal.isThere());
    try (WorkFolder work = options.workFolder()) {
      Outcome outcome = run(run, work, onlooker);
      if (options.json() != null) {
        if (options.json().toAbsolutePath().getParent() != null) {
          Files.createDirectories(options.json().toAbsolutePath().getParent());
        }
        outcome.write(options.json());
      }
      if (!outcome.completed()) {
        work.keep();
      } else if (work.isKept()) {
        System.out.println("the adapter is in " + outcome.run().result().adapter());
      }
      return outcome.completed() ? 0 : 1;
    }
  }

  /**
   * Whoever has to find out why a node failed wants its log; an interrupt leaves no time to delete.
   */
  private static Outcome run(JobRun run, WorkFolder work, JobRun.Onlooker onlooker)
      throws IOException, InterruptedException {
    try {
      return run.run(work.path(), onlooker);
    } catch (Cancelled | Ends | Unreachable e) {
      work.keep();
      throw e;
    }
  }
}
