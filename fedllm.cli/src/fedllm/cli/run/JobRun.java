package fedllm.cli.run;

import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.cli.job.Job;
import fedllm.cli.job.LocalSilo;
import fedllm.cli.node.Workspace;
import fedllm.shell.RunText;
import fedllm.shell.Watch;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** One job from start to table, on this machine. Used by one thread. */
public final class JobRun {

  private final Job job;
  private final Workspace workspace;
  private final PrintStream out;
  private final boolean terminal;

  /** Prints to a stream, which may be a terminal. */
  public JobRun(Job job, Workspace workspace, PrintStream out, boolean terminal) {
    this.job = job;
    this.workspace = workspace;
    this.out = out;
    this.terminal = terminal;
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

  /** Starts the federation, runs everything, and stops it. */
  public Outcome run(Path work, Onlooker onlooker) throws IOException, InterruptedException {
    long begun = System.nanoTime();
    try (LocalFederation federation = new LocalFederation(job, work, workspace)) {
      List<LocalSilo> silos = new ArrayList<>(job.silos());
      boolean pools = job.compare().contains(Job.POOLED);
      if (pools) {
        silos.add(job.pooled());
      }
      out.printf(
          "starting %s: a server, %s; in %s%n",
          job.federation(),
          silos.stream().map(LocalSilo::name).collect(Collectors.joining(", ")),
          work);
      federation.start(silos, workspace);
      double startSeconds = seconds(begun);
      out.printf(
          "all have joined after %.1f s; plugins come and go in %s%n",
          startSeconds, federation.plugins());
      begun = System.nanoTime();
      String text =
          pools
              ? job.submission().trainedBy(job.names(), job.names())
              : job.submission().asWritten();
      String id = federation.submit(text, job.source());
      Watch watch = new Watch(out, false, terminal);
      watch.until(
          new CountDownLatch(1),
          () -> {
            RunView seen = federation.run(id);
            onlooker.onLook(federation, seen, watch::say);
            return List.of(seen);
          });
      double runSeconds = seconds(begun);
      RunView run = federation.run(id);
      Map<String, RunView> others =
          run.state() == RunState.COMPLETED ? compare(federation) : Map.of();
      Comparison comparison = Comparison.of(job.names(), run, others);
      Outcome outcome =
          Outcome.of(
              job.source(), job.federation(), run, others, comparison, startSeconds, runSeconds);
      print(outcome, comparison);
      return outcome;
    }
  }

  private Map<String, RunView> compare(LocalFederation federation)
      throws IOException, InterruptedException {
    Map<String, String> ids = new LinkedHashMap<>();
    if (job.compare().contains(Job.ALONE)) {
      for (String silo : job.names()) {
        ids.put("alone: " + silo, submitAlone(federation, silo, "alone-" + silo));
      }
    }
    if (job.compare().contains(Job.POOLED)) {
      ids.put(Job.POOLED, submitAlone(federation, Job.POOLED, Job.POOLED));
    }
    if (ids.isEmpty()) {
      return Map.of();
    }
    ids.forEach((row, id) -> out.println("for comparison, " + row + ": " + id));
    new Watch(out, false, terminal)
        .until(new CountDownLatch(1), () -> ids.values().stream().map(federation::run).toList());
    Map<String, RunView> runs = new LinkedHashMap<>();
    ids.forEach((row, id) -> runs.put(row, federation.run(id)));
    return runs;
  }

  private String submitAlone(LocalFederation federation, String silo, String label)
      throws IOException {
    String name = job.source().replaceFirst("(\\.ya?ml)?$", "." + label + "$1");
    return federation.submit(job.submission().trainedBy(silo, job.names()), name);
  }

  private void print(Outcome outcome, Comparison comparison) {
    out.println();
    if (!outcome.table().isEmpty()) {
      out.println(comparison);
    }
    if (outcome.bytesUp() > 0) {
      out.println(outcome.traffic());
    }
    out.println(RunText.standing(outcome.run()));
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}
