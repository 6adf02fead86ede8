package fedllm.evaluators.accuracy;

import java.util.HashMap;
import java.util.Map;

/** How often which class was told rightly, told wrongly, and missed. */
final class Confusion {

  private final Map<Long, long[]> classes = new HashMap<>();
  private long right;
  private long all;

  void add(long label, long guess) {
    all++;
    if (label == guess) {
      right++;
      of(label)[0]++;
    } else {
      of(guess)[1]++;
      of(label)[2]++;
    }
  }

  private long[] of(long number) {
    return classes.computeIfAbsent(number, unseen -> new long[3]);
  }

  long all() {
    return all;
  }

  /** Share of labels that were told rightly. */
  double accuracy() {
    return (double) right / all;
  }

  /** The mean of {@code 2 tp / (2 tp + fp + fn)} over the classes that are there or were told. */
  double macroF1() {
    return classes.values().stream()
        .mapToDouble(c -> 2.0 * c[0] / (2 * c[0] + c[1] + c[2]))
        .average()
        .orElse(0);
  }
}
