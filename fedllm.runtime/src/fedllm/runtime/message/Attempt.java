package fedllm.runtime.message;

import java.util.Objects;

/**
 * One try at one round of a run: what an order is known by.
 *
 * @param run the run's id
 * @param round 0 for the initial state
 * @param number grows with every order of the run
 */
public record Attempt(String run, int round, int number) {
  public Attempt {
    Objects.requireNonNull(run);
  }

  @Override
  public String toString() {
    return "run " + run + " round " + round;
  }
}
