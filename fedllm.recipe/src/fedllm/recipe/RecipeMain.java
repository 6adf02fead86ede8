package fedllm.recipe;

import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.cli.Standalone;
import fedllm.cli.node.Workspace;
import fedllm.cli.run.Outcome;
import fedllm.shell.Columns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./fedllm recipe}: runs a paper's recipe and says what of its claim is measured here. */
@Command(
    name = "recipe",
    mixinStandardHelpOptions = true,
    description =
        "Runs a paper's recipe through broker and silo processes at small scale, and prints what it"
            + " claims beside what is measured here; without a name, lists the recipes.")
public final class RecipeMain implements Callable<Integer> {

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "the recipe")
  private String name;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "run on the public data sets in DIR, not on the product's own texts")
  private Path data;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "of every random number; ${DEFAULT-VALUE} where not said")
  private long seed;

  @Option(
      names = "--patience",
      paramLabel = "MINUTES",
      defaultValue = "20",
      description = "give a run up after so long; ${DEFAULT-VALUE} where not said")
  private int patienceMinutes;

  @Option(names = "--print", description = "print the job that the recipe makes, and run nothing")
  private boolean print;

  @Option(names = "--json", paramLabel = "FILE", description = "writes all of it to FILE")
  private Path json;

  /** What programs read. */
  private record Written(
      String recipe,
      String paper,
      Claim claim,
      String task,
      Verdict measured,
      Map<String, Figures> figures,
      Map<String, Outcome> runs) {}

  /** The program. */
  public static void main(String[] args) {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
    Standalone.run(new RecipeMain(), args);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Workspace workspace = Workspace.here();
    Recipes recipes = Recipes.of(workspace);
    if (name == null) {
      System.out.print(list(recipes));
      return 0;
    }
    Recipe recipe = recipes.named(name);
    Task task = recipes.task(data != null);
    if (print) {
      System.out.print(task.with(recipe, recipe.name(), seed, ""));
      return 0;
    }
    new RecipeCheck(workspace, Workbench.variables(workspace, data)).check(recipe, task);
    System.out.println(head(recipe, task));
    Duel duel = new Duel(recipe, recipes);
    run(duel, workspace, task);
    Verdict verdict = duel.verdict();
    System.out.println();
    System.out.println(FigureTable.of(duel.figures()));
    if (verdict != null) {
      System.out.println(verdict);
    }
    write(duel, recipe, task);
    return verdict != null && verdict.holds() ? 0 : 1;
  }

  private void run(Duel duel, Workspace workspace, Task task)
      throws IOException, InterruptedException {
    boolean terminal = Boolean.getBoolean("fedllm.terminal");
    Progress progress = new Progress(System.out, terminal, duel.runs().size());
    double patienceSeconds = TimeUnit.MINUTES.toSeconds(patienceMinutes);
    String kept;
    try (Workbench bench = new Workbench(workspace, task, data, progress, patienceSeconds)) {
      duel.run(bench::run, progress::ended, seed);
      kept = bench.kept();
    }
    if (!kept.isEmpty()) {
      System.out.println("logs of what failed are in " + kept);
    }
  }

  private void write(Duel duel, Recipe recipe, Task task) throws IOException {
    if (json != null) {
      Written all =
          new Written(
              recipe.name(),
              recipe.paper(),
              recipe.claim(),
              task.source(),
              duel.verdict(),
              duel.figures(),
              duel.outcomes());
      Files.write(json, new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(all));
    }
  }

  private static Columns list(Recipes recipes) {
    Columns table = Columns.of("RECIPE", "PAPER", "METHOD", "CLAIM");
    for (Recipe recipe : recipes.all()) {
      String claim = recipe.claim().kind() + ": " + recipe.claim().says();
      table.row(recipe.name(), recipe.paper(), recipe.title(), claim);
    }
    return table;
  }

  private static String head(Recipe recipe, Task task) {
    return """
    %s, %s: %s
    claim, of %s: %s
    published: %s
    measured there on: %s

    %s
    """
        .formatted(
            recipe.title(),
            recipe.paper(),
            recipe.does(),
            recipe.claim().kind(),
            recipe.claim().says(),
            recipe.claim().published(),
            recipe.claim().setting(),
            task.says());
  }
}
