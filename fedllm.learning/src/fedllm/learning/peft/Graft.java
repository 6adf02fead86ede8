package fedllm.learning.peft;

import fedllm.learning.model.Linear;
import java.util.List;

/**
 * What stands beside one linear layer.
 *
 * @param at the layer
 * @param parameters what is trained
 * @param equation a TorchScript expression of the layer's new output over its input {@code x}, its
 *     output {@code y} and the symbols of the parameters
 */
public record Graft(Linear at, List<Parameter> parameters, String equation) {
  public Graft {
    parameters = List.copyOf(parameters);
  }
}
