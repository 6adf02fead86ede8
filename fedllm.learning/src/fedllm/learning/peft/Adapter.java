package fedllm.learning.peft;

import java.util.List;
import java.util.Map;

/**
 * What a method adds to a model.
 *
 * @param grafts at most one for each linear layer
 * @param files small text files that other tools read beside the values, such as {@code
 *     adapter_config.json}
 */
public record Adapter(List<Graft> grafts, Map<String, String> files) {
  public Adapter {
    grafts = List.copyOf(grafts);
    files = Map.copyOf(files);
  }

  /** Nothing: the base alone. */
  public static final Adapter NONE = new Adapter(List.of(), Map.of());
}
