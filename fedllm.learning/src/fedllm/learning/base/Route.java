package fedllm.learning.base;

import java.util.Locale;

/**
 * Which of the engine's matrix products a model computes with. Streams and norms are fp32 always.
 */
public enum Route {
  /** 32-bit floats by the engine's default library. */
  FP32(
      "torch.linear(%s, %s)",
      "torch.linear(%s, %s, %s)", "torch.linear(%s, %s)", "torch.matmul(%s, %s)", 6),
  /** 32-bit floats by oneDNN, which knows the newer instructions of every maker's processors. */
  ONEDNN(
      "torch.to_dense(torch.mkldnn_linear(torch.to_mkldnn(%s), %s))",
      "torch.to_dense(torch.mkldnn_linear(torch.to_mkldnn(%s), %s)) + %s",
      "ops.mkldnn._linear_pointwise(%s, %s, None, \"none\", annotate(List[Optional[number]], []),"
          + " \"\")",
      "ops.mkldnn._linear_pointwise(%s, torch.t(%s), None, \"none\","
          + " annotate(List[Optional[number]], []), \"\")",
      6),
  /** bfloat16 products of 32-bit floats, added up in 32 bits. */
  BF16(
      "torch.to(torch.linear(torch.to(%s, 15), %s), 6)",
      "torch.to(torch.linear(torch.to(%s, 15), %s), 6) + %s",
      "torch.to(torch.linear(torch.to(%s, 15), %s), 6)",
      "torch.to(torch.matmul(torch.to(%s, 15), %s), 6)",
      15);

  private final String linear;
  private final String biased;
  private final String product;
  private final String back;
  private final int dtype;

  Route(String linear, String biased, String product, String back, int dtype) {
    this.linear = linear;
    this.biased = biased;
    this.product = product;
    this.back = back;
    this.dtype = dtype;
  }

  /** What users call it. */
  public String title() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The type, as TorchScript numbers it, that matrices must have. */
  int dtype() {
    return dtype;
  }

  /** {@code x Wᵀ}. */
  public String linear(String x, String w) {
    return linear.formatted(x, w);
  }

  /** {@code x Wᵀ + b}. */
  String linear(String x, String w, String bias) {
    return biased.formatted(x, w, bias);
  }

  /** {@code x Wᵀ} where nobody asks for a gradient. */
  String product(String x, String w) {
    return product.formatted(x, w);
  }

  /** {@code p W} where nobody asks for a gradient. */
  String back(String p, String w) {
    return back.formatted(p, w);
  }
}
