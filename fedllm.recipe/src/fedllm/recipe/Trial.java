package fedllm.recipe;

import fedllm.cli.run.Outcome;

/**
 * One run of a recipe.
 *
 * @param name what its row is called
 * @param seed of every random number
 * @param outcome all that is known of it
 * @param failure why it came to nothing; empty where it completed
 */
public record Trial(String name, long seed, Outcome outcome, String failure) {

  /** Whether there is something to compare. */
  public boolean completed() {
    return failure.isEmpty();
  }

  /** What was measured of it. */
  public Figures figures() {
    return Figures.of(outcome);
  }

  /** What was measured of a run beside it. */
  public Figures reference(String row) {
    return Figures.of(outcome, row);
  }
}
