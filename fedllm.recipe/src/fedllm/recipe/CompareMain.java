package fedllm.recipe;

import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Refused;
import fedllm.cli.Standalone;
import fedllm.cli.methods.Compared;
import fedllm.cli.node.Workspace;
import fedllm.shell.Columns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./fedllm compare}: recipes side by side, on the same data with the same seeds. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description =
        "Runs recipes beside each silo alone, FedIT and pooled training, on the same task with the"
            + " same seeds; prints a table, and draws curves. Ends with 1 where a run fails.")
public final class CompareMain implements Callable<Integer> {

  private static final long FIRST_SEED = 42;

  @Parameters(arity = "0..*", paramLabel = "NAME", description = "recipes; ./fedllm recipe lists")
  private List<String> names = List.of();

  @Option(names = "--all", description = "every recipe that there is")
  private boolean all;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "1",
      description = "runs of each, seeds 42 and on; ${DEFAULT-VALUE} where not said")
  private int seeds;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "run on the public data sets in DIR, not on the product's own texts")
  private Path data;

  @Option(
      names = "--patience",
      paramLabel = "MINUTES",
      defaultValue = "20",
      description = "give a run up after so long; ${DEFAULT-VALUE} where not said")
  private int patienceMinutes;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "writes the table to FILE, after each run what is known by then")
  private Path json;

  @Option(
      names = "--picture",
      paramLabel = "FILE.png",
      defaultValue = "fedllm-out/compare.png",
      description = "where curves are drawn; ${DEFAULT-VALUE} where not said")
  private Path picture;

  @Option(names = "--keep", description = "keep table and picture as those of docs/methods.md")
  private boolean keep;

  /** The program. */
  public static void main(String[] args) {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "error");
    System.setProperty("java.awt.headless", "true");
    Standalone.run(new CompareMain(), args);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Workspace workspace = Workspace.here();
    Recipes recipes = Recipes.of(workspace);
    List<Recipe> chosen = chosen(recipes);
    if (seeds < 1) {
      throw new Refused("--seeds " + seeds + " is no run at all; say 1 or more");
    }
    Task task = recipes.task(data != null);
    Race race = new Race(task, recipes.named(Race.BASELINE), chosen);
    List<Long> drawn = LongStream.range(FIRST_SEED, FIRST_SEED + seeds).boxed().toList();
    RecipeCheck check = new RecipeCheck(workspace, Workbench.variables(workspace, data));
    Progress progress =
        new Progress(System.out, Boolean.getBoolean("fedllm.terminal"), race.runs(drawn));
    System.out.println(task.says() + "\n");
    String kept;
    try (Workbench bench =
        new Workbench(
            workspace, task, data, progress, TimeUnit.MINUTES.toSeconds(patienceMinutes))) {
      race.run(drawn, bench, recipe -> check.check(recipe, task), progress::ended, this::write);
      kept = bench.kept();
    }
    Compared compared = race.compared(seeds);
    print(compared, race.verdicts());
    if (!kept.isEmpty()) {
      System.out.println("logs of what failed are in " + kept);
    }
    Curves.draw(compared, picture);
    System.out.println("curves are in " + picture);
    if (keep) {
      write(compared, Compared.file(workspace.root()));
      Curves.draw(compared, workspace.root().resolve("docs/compare.png"));
    }
    return race.isWhole() ? 0 : 1;
  }

  private List<Recipe> chosen(Recipes recipes) {
    if (names.isEmpty() && !all) {
      throw new Refused(
          "name the recipes to compare, or say --all; there are "
              + String.join(", ", recipes.names()));
    }
    Set<String> wanted = new LinkedHashSet<>(all ? recipes.names() : names);
    wanted.remove(Race.BASELINE); // it runs anyway
    List<Recipe> chosen = new ArrayList<>();
    wanted.forEach(name -> chosen.add(recipes.named(name)));
    return chosen;
  }

  private static void print(Compared compared, List<String> verdicts) {
    Columns table = Columns.of(Compared.titles(compared.metric()).toArray(String[]::new));
    compared.rows().forEach(row -> table.row(Compared.cells(row).toArray()));
    System.out.println();
    System.out.println(table);
    compared.rows().stream()
        .filter(row -> !row.failure().isEmpty())
        .forEach(row -> System.out.println(row.name() + " FAILED, " + row.failure()));
    verdicts.forEach(System.out::println);
  }

  private void write(Compared compared) {
    if (json != null) {
      write(compared, json);
    }
  }

  private static void write(Compared compared, Path file) {
    try {
      Files.write(
          file, new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(compared));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    }
  }
}
