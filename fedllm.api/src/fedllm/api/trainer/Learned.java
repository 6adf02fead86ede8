package fedllm.api.trainer;

import fedllm.api.tensor.Tensors;
import java.util.Map;

/**
 * What a client learned in a round.
 *
 * @param update client value minus decoded broadcast value, or the client's values where {@code
 *     absolute}; in tensors of its own where the strategy declares those
 * @param examples how many examples it learned from, above zero
 * @param metrics what happened, such as {@code loss.first}; nothing of the text
 * @param absolute whether the update is values, as {@link Work#absolute} asks for
 */
public record Learned(
    Tensors update, long examples, Map<String, Double> metrics, boolean absolute) {
  public Learned {
    metrics = Map.copyOf(metrics);
  }

  /** How far the values moved. */
  public Learned(Tensors update, long examples, Map<String, Double> metrics) {
    this(update, examples, metrics, false);
  }
}
