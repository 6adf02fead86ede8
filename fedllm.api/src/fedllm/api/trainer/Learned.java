package fedllm.api.trainer;

import fedllm.api.tensor.Tensors;
import java.util.Map;

/**
 * What a client learned in a round.
 *
 * @param update client value minus decoded broadcast value, unless the method says otherwise
 * @param examples how many examples it learned from, above zero
 * @param metrics what happened, such as {@code loss.first}; nothing of the text
 */
public record Learned(Tensors update, long examples, Map<String, Double> metrics) {
  public Learned {
    metrics = Map.copyOf(metrics);
  }
}
