package fedllm.learning.text;

import fedllm.api.plugin.Scope;
import fedllm.api.random.Philox;

/**
 * Which example comes when: all of them, then all again, each time in an order of its own. A
 * function of the seed and the client alone, so that a round can be learned again, or first after a
 * restart.
 */
public final class Course {

  private final Scope scope;
  private final int examples;
  private final boolean shuffled;
  private int[] order = {};
  private long pass = -1;

  /** A course over {@code examples} examples, above zero. */
  public Course(Scope scope, int examples, boolean shuffled) {
    this.scope = scope;
    this.examples = examples;
    this.shuffled = shuffled;
  }

  /** The example at a place of the course. */
  public int at(long place) {
    if (!shuffled) {
      return (int) (place % examples);
    }
    if (pass != place / examples) {
      pass = place / examples;
      order = shuffle(pass);
    }
    return order[(int) (place % examples)];
  }

  /** Fisher and Yates, with the stream of this pass. */
  private int[] shuffle(long number) {
    Philox random = scope.random(0, number, "order of examples");
    int[] shuffle = new int[examples];
    for (int i = 0; i < examples; i++) {
      int j = random.below(i, i + 1);
      shuffle[i] = shuffle[j];
      shuffle[j] = i;
    }
    return shuffle;
  }
}
