package fedllm.recipe;

import fedllm.api.error.Ends;
import fedllm.api.run.RunState;
import fedllm.api.run.RunView;
import fedllm.cli.Main;
import fedllm.cli.broker.Broker;
import fedllm.cli.job.Job;
import fedllm.cli.job.Variables;
import fedllm.cli.node.Workspace;
import fedllm.cli.run.Account;
import fedllm.cli.run.JobRun;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where recipes are run: one broker for all, and a server and silos of their own for each run, so
 * that what a run takes is its own and what it breaks concerns no other. Used by one thread.
 */
public final class Workbench implements AutoCloseable {

  private final Workspace workspace;
  private final Task task;
  private final Variables variables;
  private final Progress progress;
  private final double patienceSeconds;
  private final Path work;
  private final Broker broker;
  private boolean keep;

  /**
   * Starts the broker.
   *
   * @param data the folder of public data; null for the product's own
   * @param patienceSeconds how long a run may take before it is given up
   */
  public Workbench(
      Workspace workspace, Task task, Path data, Progress progress, double patienceSeconds)
      throws IOException {
    this.workspace = workspace;
    this.task = task;
    this.progress = progress;
    this.patienceSeconds = patienceSeconds;
    this.variables = variables(workspace, data);
    work = Files.createTempDirectory("fedllm-recipe-");
    broker = Broker.start(work.resolve("broker"));
  }

  /** What jobs say in variables; public data lie in a folder that the user may name. */
  public static Variables variables(Workspace workspace, Path data) {
    Map<String, String> environment = new HashMap<>(System.getenv());
    if (data != null) {
      environment.put("FEDLLM_DATA", data.toAbsolutePath().toString());
    }
    return Variables.of(environment, workspace.root());
  }

  /**
   * Runs a recipe once; that it fails is an answer, too.
   *
   * @param compare what to train beside it: {@code alone}, {@code pooled}
   */
  public Trial run(Recipe recipe, long seed, String... compare) throws InterruptedException {
    String name = recipe.name() + "-" + seed;
    Account account = new Account(name + ".yaml");
    long begun = System.nanoTime();
    try {
      Path folder = Files.createDirectories(work.resolve(name));
      Path file = folder.resolve(name + ".yaml");
      Files.writeString(file, task.with(recipe, name, seed, broker.bootstrap(), compare));
      Job job = Job.read(file, variables);
      try (PrintStream log =
          new PrintStream(folder.resolve("run.log").toFile(), StandardCharsets.UTF_8)) {
        new JobRun(job, workspace, account, log, false)
            .run(
                folder.resolve("nodes"),
                run -> folder.resolve("result"),
                (federation, run, say) -> look(name, run, begun));
      }
    } catch (IOException | RuntimeException e) {
      account.thrown(e, Main.message(e));
    }
    boolean completed = account.outcome().completed();
    String failure = completed ? "" : account.outcome().exit().reason();
    Trial trial =
        new Trial(
            recipe.name(),
            seed,
            account.outcome(),
            completed || !failure.isBlank() ? failure : account.outcome().exit().state());
    clear(work.resolve(name), trial);
    return trial;
  }

  private void look(String name, RunView run, long begun) {
    progress.look(name, run);
    if (run.state() == RunState.PAUSED) {
      throw new Ends("the run paused: " + run.says());
    }
    if ((System.nanoTime() - begun) / 1e9 > patienceSeconds) {
      throw new Ends(
          "given up after %.0f s; it was %s %s"
              .formatted(patienceSeconds, run.state(), run.says()));
    }
  }

  /** Keeps what a run left only where somebody has to find out why it failed. */
  private void clear(Path folder, Trial trial) {
    if (!trial.completed()) {
      keep = true;
      return;
    }
    delete(folder);
  }

  /** Where logs of runs that failed are; empty where none did. */
  public String kept() {
    return keep ? work.toString() : "";
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : all) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + folder, e);
    }
  }

  @Override
  public void close() {
    broker.close();
    if (!keep) {
      delete(work);
    }
  }
}
