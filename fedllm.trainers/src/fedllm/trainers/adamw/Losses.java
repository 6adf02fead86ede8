package fedllm.trainers.adamw;

import fedllm.learning.text.Batch;
import java.util.Map;

/** What a round's steps say of themselves. */
final class Losses {

  private long steps;
  private long tokens;
  private double first;
  private double last;
  private double sum;

  void add(double loss, Batch batch) {
    if (steps == 0) {
      first = loss;
    }
    last = loss;
    sum += loss;
    tokens += batch.tokens();
    steps++;
  }

  long steps() {
    return steps;
  }

  double last() {
    return last;
  }

  Map<String, Double> metrics(double seconds) {
    return Map.of(
        "loss.first",
        first,
        "loss.last",
        last,
        "loss.mean",
        sum / steps,
        "tokens",
        (double) tokens,
        "tokensPerSecond",
        tokens / seconds);
  }
}
