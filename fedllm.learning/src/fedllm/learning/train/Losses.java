package fedllm.learning.train;

import java.util.Map;

/** What a round's steps say of themselves. */
final class Losses {

  private long steps;
  private long tokens;
  private double first;
  private double last;
  private double sum;
  private double highest = Double.NEGATIVE_INFINITY;
  private long highestStep;

  void add(double loss, Lesson lesson) {
    if (steps == 0) {
      first = loss;
    }
    last = loss;
    sum += loss;
    tokens += lesson.tokens();
    steps++;
    if (loss > highest) {
      highest = loss;
      highestStep = steps;
    }
  }

  Map<String, Double> metrics(double seconds) {
    return Map.of(
        "loss.first",
        first,
        "loss.last",
        last,
        "loss.mean",
        sum / steps,
        "loss.highest",
        highest,
        "loss.highestStep",
        (double) highestStep,
        "tokens",
        (double) tokens,
        "tokensPerSecond",
        tokens / seconds);
  }
}
