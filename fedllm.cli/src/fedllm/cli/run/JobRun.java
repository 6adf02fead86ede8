package fedllm.cli.run;

import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.cli.data.DataCheck;
import fedllm.cli.job.Job;
import fedllm.cli.node.Workspace;
import fedllm.shell.RunText;
import fedllm.shell.Watch;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Function;

/** One job from start to table, on this machine. Used by one thread. */
public final class JobRun {

  private final Job job;
  private final Workspace workspace;
  private final Account account;
  private final PrintStream out;
  private final boolean terminal;
  private final Links links;

  /** Prints to a stream, which may be a terminal; what happens goes into the account. */
  public JobRun(Job job, Workspace workspace, Account account, PrintStream out, boolean terminal) {
    this(job, workspace, account, out, terminal, Links.OPEN);
  }

  /** The same by other links to the broker. */
  public JobRun(
      Job job,
      Workspace workspace,
      Account account,
      PrintStream out,
      boolean terminal,
      Links links) {
    this.links = links;
    this.job = job;
    this.workspace = workspace;
    this.account = account;
    this.out = out;
    this.terminal = terminal;
    account.read(job);
  }

  /** Looks on while the federated run goes on. */
  @FunctionalInterface
  public interface Onlooker {

    /**
     * Called a few times a second.
     *
     * @param say prints a line among those of the run
     */
    void onLook(LocalFederation federation, RunView run, Consumer<String> say);
  }

  /**
   * Starts the federation, runs everything, and stops it.
   *
   * @param work where the processes keep what they write
   * @param results the folder where adapters are kept, by the run's id
   * @return whether nothing went wrong, not even at one silo
   */
  public boolean run(Path work, Function<String, Path> results, Onlooker onlooker)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    try (LocalFederation federation = new LocalFederation(job, work, workspace, links)) {
      DataCheck.check(job, federation.plugins());
      out.printf(
          "starting %s: a server, %s; in %s%n",
          job.federation(), String.join(", ", job.names()), work);
      federation.start(job.silos());
      account.started(seconds(begun));
      federation.news().forEach(out::println);
      out.printf(
          "%s have joined after %.1f s; plugins come and go in %s%n",
          federation.ended().isEmpty() ? "all" : "the others",
          seconds(begun),
          federation.plugins());
      Watch watch = new Watch(out, false, terminal);
      Consumption before = Consumption.of(federation);
      RunView run = follow(federation, watch, onlooker);
      account.took(Consumption.of(federation).since(before));
      if (run.state() == RunState.COMPLETED) {
        Results kept = new Results(results.apply(run.id()));
        account.kept(run, kept.keep(run, ""));
        new Comparisons(job, federation, account, kept, new Watch(out, false, terminal)).run();
      }
      Outcome outcome = account.outcome();
      print(outcome, run);
      return outcome.completed() && federation.ended().isEmpty();
    }
  }

  private RunView follow(LocalFederation federation, Watch watch, Onlooker onlooker)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    String id = federation.submit(job.submission().asWritten(), job.source());
    RunView[] last = new RunView[1];
    watch.until(
        new CountDownLatch(1),
        () -> {
          RunView seen = federation.run(id);
          account.saw(seen, seconds(begun));
          federation.ended().forEach(account::ended);
          federation.news().forEach(watch::say);
          onlooker.onLook(federation, seen, watch::say);
          last[0] = seen;
          return List.of(seen);
        });
    return last[0];
  }

  private void print(Outcome outcome, RunView run) {
    out.println();
    if (!outcome.table().isEmpty()) {
      out.println(account.comparison());
    }
    if (outcome.bytesFp32() > 0) {
      out.println(outcome.traffic());
      out.println(outcome.cost());
    }
    out.println(RunText.standing(run));
    if (outcome.result() != null) {
      out.println("the adapter is in " + outcome.result().adapter());
    }
    if (!outcome.completed()) {
      out.println(outcome.exit().state() + ": " + outcome.exit().reason());
    }
  }

  static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}
