package fedllm.cli;

import fedllm.cli.job.Job;
import fedllm.cli.job.Variables;
import fedllm.cli.node.Workspace;
import fedllm.cli.run.Account;
import fedllm.cli.run.JobRun;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "run",
    description = "Run a job on this machine: a broker, a server and a process for every silo.")
final class RunCommand implements Callable<Integer> {

  private static final long OUTCOME_SECONDS = 60;

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
    options.prepare();
    Account account = new Account(file.getFileName().toString());
    CountDownLatch written = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> await(written), "await-outcome"));
    try {
      Job job = Job.read(file, Variables.of(System.getenv(), workspace.root()));
      JobRun whole =
          new JobRun(job, workspace, account, System.out, Terminal.isThere(), options.links());
      run(whole, options, onlooker);
      return account.outcome().completed() ? 0 : 1;
    } catch (IOException | InterruptedException | RuntimeException e) {
      account.thrown(e, Main.message(e));
      throw e;
    } finally {
      options.write(account.outcome());
      written.countDown();
    }
  }

  private static void run(JobRun run, RunOptions options, JobRun.Onlooker onlooker)
      throws IOException, InterruptedException {
    try (WorkFolder work = options.workFolder()) {
      boolean smooth = false;
      try {
        smooth = run.run(work.path(), options::results, onlooker);
      } finally {
        if (!smooth) {
          work.keep(); // whoever has to find out why wants the logs
        }
      }
    }
  }

  /** An interrupted run has an outcome, too. */
  private static void await(CountDownLatch written) {
    try {
      written.await(OUTCOME_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
