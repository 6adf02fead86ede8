package fedllm.api.trainer;

import fedllm.api.tensor.Tensors;
import java.util.Map;

/**
 * A run's first global state.
 *
 * @param tensors the values
 * @param files small text files that belong beside the result, by name, such as {@code
 *     adapter_config.json}
 */
public record Start(Tensors tensors, Map<String, String> files) {
  public Start {
    files = Map.copyOf(files);
  }
}
