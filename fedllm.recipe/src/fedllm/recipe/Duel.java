package fedllm.recipe;

import fedllm.cli.run.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A recipe beside what its claim is measured against, one run of each. Used by one thread. */
final class Duel {

  /** Runs a recipe once, as {@link Workbench#run} does. */
  @FunctionalInterface
  interface Runner {

    /**
     * Says what came of it.
     *
     * @param beside what to train beside it
     */
    Trial run(Recipe recipe, long seed, String... beside) throws InterruptedException;
  }

  private static final String[] NOBODY = {};

  private final Recipe recipe;
  private final String against;
  private final Recipe baseline;
  private final Map<String, Figures> figures = new LinkedHashMap<>();
  private final Map<String, Outcome> outcomes = new LinkedHashMap<>();
  private boolean completed = true;

  /** Against the baseline of all where the claim names nothing. */
  Duel(Recipe recipe, Recipes recipes) {
    this.recipe = recipe;
    String named = recipe.claim().against();
    against = named.isEmpty() ? Race.BASELINE : named;
    // Who trains alone, or on everybody's texts, does so beside a run of FedIT.
    baseline = recipes.named(Figures.REFERENCES.contains(against) ? Race.BASELINE : against);
  }

  /** The recipe, and its baseline where that is another one. */
  List<Recipe> runs() {
    return recipe.name().equals(baseline.name()) ? List.of(recipe) : List.of(recipe, baseline);
  }

  void run(Runner runner, Consumer<Trial> ended, long seed) throws InterruptedException {
    for (Recipe each : runs()) {
      String[] beside = beside(each);
      Trial trial = runner.run(each, seed, beside);
      ended.accept(trial);
      outcomes.put(each.name(), trial.outcome());
      completed &= trial.completed();
      if (trial.completed()) {
        figures.put(each.name(), trial.figures());
        for (String row : beside) {
          figures.put(row, trial.reference(row));
        }
      }
    }
  }

  private String[] beside(Recipe each) {
    boolean asked = recipe.name().equals(Race.BASELINE) || Figures.REFERENCES.contains(against);
    return asked && each.name().equals(Race.BASELINE)
        ? Figures.REFERENCES.stream().sorted().toArray(String[]::new)
        : NOBODY;
  }

  Map<String, Figures> figures() {
    return figures;
  }

  Map<String, Outcome> outcomes() {
    return outcomes;
  }

  /** What of the claim is measured; null where a run failed. */
  Verdict verdict() {
    return completed ? Verdict.of(recipe, against, figures) : null;
  }
}
