package fedllm.learning.peft;

import fedllm.learning.model.Site;
import java.util.List;
import java.util.Map;

/**
 * What stands at one site.
 *
 * @param at the site
 * @param parameters what is trained there alone
 * @param equation a TorchScript expression of the site's new output, over {@code x} and {@code y}
 *     as {@link Site} says, the symbols of the parameters and of what the adapter {@linkplain
 *     Adapter#common shares}, {@code here}, which of the adapter's places stands there, 0 the first
 *     and -1 for none [batch, length], and at a linear layer {@code W}, its frozen matrix [out,
 *     in], and {@code base(..)}, the layer without this graft. {@code linear(x, A)} is the product
 *     with a trained matrix [out, in]; written so, and not {@code torch.linear}, it is known to
 *     whoever needs each example's gradient
 * @param merged for each weight of a linear layer, {@code weight} or {@code bias}, the expression
 *     of what it becomes when the method is folded in, over {@code W}, {@code b} and the symbols;
 *     empty where it cannot be folded in
 */
public record Graft(
    Site at, List<Parameter> parameters, String equation, Map<String, String> merged) {
  public Graft {
    parameters = List.copyOf(parameters);
    merged = Map.copyOf(merged);
  }

  /** What cannot be folded into a weight. */
  public Graft(Site at, List<Parameter> parameters, String equation) {
    this(at, parameters, equation, Map.of());
  }
}
