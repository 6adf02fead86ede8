package fedllm.learning.model;

import java.util.Map;

/** What stands between two linear layers, as TorchScript, by the names of configuration files. */
public enum Activation {
  /** With the Gaussian's own integral. */
  GELU("torch.gelu(%s, approximate=\"none\")"),
  /** With a hyperbolic tangent in the integral's place. */
  GELU_TANH("torch.gelu(%s, approximate=\"tanh\")"),
  /** {@code max(x, 0)}. */
  RELU("torch.relu(%s)"),
  /** {@code x σ(x)}. */
  SILU("torch.silu(%s)"),
  /** The hyperbolic tangent. */
  TANH("torch.tanh(%s)");

  private static final Map<String, Activation> NAMES =
      Map.ofEntries(
          Map.entry("gelu", GELU),
          Map.entry("gelu_python", GELU),
          Map.entry("gelu_new", GELU_TANH),
          Map.entry("gelu_fast", GELU_TANH),
          Map.entry("gelu_pytorch_tanh", GELU_TANH),
          Map.entry("relu", RELU),
          Map.entry("silu", SILU),
          Map.entry("swish", SILU),
          Map.entry("tanh", TANH));

  private final String expression;

  Activation(String expression) {
    this.expression = expression;
  }

  /**
   * The one that a configuration names.
   *
   * @param missing the name where it names none
   * @throws fedllm.api.error.SitsOut when there is none of that name
   */
  public static Activation of(ModelConfig config, String key, String missing) {
    Activation named = NAMES.get(config.text(key, missing));
    if (named == null) {
      throw config.odd(key, "one of " + NAMES.keySet().stream().sorted().toList());
    }
    return named;
  }

  /** The expression of it applied to {@code x}. */
  public String of(String x) {
    return expression.formatted(x);
  }
}
