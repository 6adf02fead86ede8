package fedllm.learning.model;

import java.util.List;

/** Norms over the last axis, as TorchScript. A model has one kind of them. */
public enum Norm {
  /** {@code x / rms(x) * w} (arXiv:1910.07467). */
  RMS("scale: Tensor", "torch.rms_norm(x, [torch.size(x, -1)], scale, EPSILON)"),
  /** {@code x / rms(x) * (1 + w)}; the files hold w. */
  RMS_FROM_ONE("scale: Tensor", "torch.rms_norm(x, [torch.size(x, -1)], scale + 1., EPSILON)"),
  /** {@code (x - mean(x)) / deviation(x) * w + b} (arXiv:1607.06450). */
  LAYER(
      "scale: Tensor, shift: Tensor",
      "torch.layer_norm(x, [torch.size(x, -1)], scale, shift, EPSILON)");

  private final String arguments;
  private final String expression;

  Norm(String arguments, String expression) {
    this.arguments = arguments;
    this.expression = expression;
  }

  /** A method for a family to emit once. */
  public String method(double epsilon) {
    return """
      def norm(self: __torch__.K, x: Tensor, ARGUMENTS) -> Tensor:
        return EXPRESSION
    """
        .replace("ARGUMENTS", arguments)
        .replace("EXPRESSION", expression)
        .replace("EPSILON", Double.toString(epsilon));
  }

  /** The weights of the norm at a site. */
  public List<Weight> weights(String site, long width) {
    Weight scale = Weight.vector(site + ".weight", width);
    return this == LAYER ? List.of(scale, Weight.vector(site + ".bias", width)) : List.of(scale);
  }

  /** The expression of the norm of {@code x} at a site, with what methods add. */
  public String at(Sites sites, String site, String x) {
    String shift = this == LAYER ? ", " + sites.weight(site + ".bias") : "";
    String y = "(self).norm(" + x + ", " + sites.weight(site + ".weight") + shift + ")";
    return sites.at(site, x, y);
  }
}
