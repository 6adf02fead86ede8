package fedllm.models.encoder;

import fedllm.learning.model.Sites;

/** Lines of TorchScript that encoders write. */
final class Lines {

  private static final String NORM =
      """
        def norm(self: __torch__.K, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
          return torch.layer_norm(x, [torch.size(x, -1)], scale, shift, EPSILON)
      """;

  private Lines() {}

  /** The method that {@link #norm} calls. */
  static String normMethod(double epsilon) {
    return NORM.replace("EPSILON", Double.toString(epsilon));
  }

  /** {@code x}, normalised at a site. */
  static String norm(Sites sites, String site) {
    String scale = sites.weight(site + ".weight");
    String shift = sites.weight(site + ".bias");
    return sites.at(site, "x", "(self).norm(x, " + scale + ", " + shift + ")");
  }

  static void add(StringBuilder code, String format, Object... arguments) {
    code.append("    ").append(format.formatted(arguments)).append('\n');
  }
}
