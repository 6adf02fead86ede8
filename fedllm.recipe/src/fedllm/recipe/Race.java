package fedllm.recipe;

import fedllm.api.error.Refused;
import fedllm.cli.methods.Compared;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Recipes beside each silo alone, FedIT and pooled training, on the same task with the same seeds.
 * A run that fails leaves a row that says why. Used by one thread.
 */
public final class Race {

  /** The recipe that others are measured by. */
  static final String BASELINE = "fedit";

  /** The row of one silo with everybody's texts. */
  static final String POOLED = "pooled";

  private static final String LOCAL_ONLY = "local-only";

  private final Task task;
  private final Recipe baseline;
  private final List<Recipe> recipes;
  private final Map<String, Contender> rows = new LinkedHashMap<>();

  /**
   * Nothing runs yet.
   *
   * @param recipes those to compare, the baseline not among them
   */
  public Race(Task task, Recipe baseline, List<Recipe> recipes) {
    this.task = task;
    this.baseline = baseline;
    this.recipes = List.copyOf(recipes);
    rows.put(LOCAL_ONLY, new Contender(LOCAL_ONLY, "each silo alone"));
    rows.put(baseline.name(), new Contender(baseline));
    rows.put(POOLED, new Contender(POOLED, "one silo with everybody's texts"));
    recipes.forEach(recipe -> rows.put(recipe.name(), new Contender(recipe)));
  }

  /** How many runs it takes. */
  int runs(List<Long> seeds) {
    return seeds.size() * (1 + recipes.size());
  }

  /**
   * Runs all of it.
   *
   * @param check refuses a recipe that cannot run, before it is tried
   * @param ended hears of each run
   * @param standing hears how all stand after each
   */
  public void run(
      List<Long> seeds,
      Workbench bench,
      Consumer<Recipe> check,
      Consumer<Trial> ended,
      Consumer<Compared> standing)
      throws InterruptedException {
    for (long seed : seeds) {
      Trial base = bench.run(baseline, seed, "alone", POOLED);
      take(base, baseline.name(), Figures.of(base.outcome()));
      take(base, LOCAL_ONLY, base.reference("alone"));
      take(base, POOLED, base.reference(POOLED));
      ended.accept(base);
      standing.accept(compared(seeds.size()));
      for (Recipe recipe : recipes) {
        Trial trial = tried(recipe, seed, bench, check);
        take(trial, recipe.name(), trial.completed() ? trial.figures() : null);
        ended.accept(trial);
        standing.accept(compared(seeds.size()));
      }
    }
  }

  private static Trial tried(Recipe recipe, long seed, Workbench bench, Consumer<Recipe> check)
      throws InterruptedException {
    try {
      check.accept(recipe);
    } catch (Refused e) {
      return new Trial(recipe.name(), seed, null, e.getMessage());
    }
    return bench.run(recipe, seed);
  }

  private void take(Trial trial, String row, Figures figures) {
    if (trial.completed()) {
      rows.get(row).add(figures);
    } else {
      rows.get(row).failed(trial.seed(), trial.failure());
    }
  }

  /** Whether nothing failed. */
  public boolean isWhole() {
    return rows.values().stream().noneMatch(Contender::hasFailed);
  }

  /** How all stand now. */
  public Compared compared(int seeds) {
    String metric =
        rows.values().stream()
            .map(Contender::metric)
            .filter(name -> !name.isEmpty())
            .findFirst()
            .orElse("");
    return new Compared(
        task.source().replaceFirst("\\.yaml$", ""),
        seeds,
        metric,
        rows.values().stream().map(row -> row.row(metric)).toList());
  }

  /** What of the recipes' claims can be said by the rows that are there, a line each. */
  public List<String> verdicts() {
    List<String> lines = new ArrayList<>();
    List<Recipe> all = new ArrayList<>(List.of(baseline));
    all.addAll(recipes);
    for (Recipe recipe : all) {
      Claim claim = recipe.claim();
      String against = claim.against().equals("alone") ? LOCAL_ONLY : claim.against();
      double value = rows.get(recipe.name()).mean(claim.number());
      double other =
          rows.containsKey(against) ? rows.get(against).mean(claim.number()) : Double.NaN;
      boolean known = !Double.isNaN(value) && (against.isEmpty() || !Double.isNaN(other));
      if (known && !claim.bounds().isEmpty()) {
        lines.add(Verdict.of(recipe, against, value, other).line(recipe.name()));
      }
    }
    return lines;
  }
}
