package fedllm.learning.base;

import java.util.Locale;

/**
 * Which of the engine's matrix products a model computes with. Streams, norms and what is trained
 * are fp32 always.
 */
public enum Route {
  /** 32-bit floats by the engine's default library. */
  FP32(
      "torch.linear(%s, %s)",
      "torch.linear(%s, %s, %s)", "torch.linear(%s, %s)", "torch.matmul(%s, %s)", "", 6),
  /** 32-bit floats by oneDNN, which knows the newer instructions of every maker's processors. */
  ONEDNN(
      "torch.to_dense(torch.mkldnn_linear(torch.to_mkldnn(%s), %s))",
      "torch.to_dense(torch.mkldnn_linear(torch.to_mkldnn(%s), %s)) + %s",
      "ops.mkldnn._linear_pointwise(%s, %s, None, \"none\", annotate(List[Optional[number]], []),"
          + " \"\")",
      "ops.mkldnn._linear_pointwise(%s, torch.t(%s), None, \"none\","
          + " annotate(List[Optional[number]], []), \"\")",
      "ops.mkldnn._linear_pointwise(%s, %s, None, \"none\", annotate(List[Optional[number]], []),"
          + " \"\")",
      6),
  /** bfloat16 products of 32-bit floats, added up in 32 bits. */
  BF16(
      "torch.to(torch.linear(torch.to(%s, 15), %s), 6)",
      "torch.to(torch.linear(torch.to(%s, 15), %s), 6) + %s",
      "torch.linear(torch.to(%s, 15), %s)",
      "torch.to(torch.matmul(torch.to(%s, 15), %s), 6)",
      "ops.mkldnn._linear_pointwise(torch.to(%s, 15), %s, None, \"none\","
          + " annotate(List[Optional[number]], []), \"\")",
      15);

  private final String linear;
  private final String biased;
  private final String product;
  private final String back;
  private final String row;
  private final int dtype;

  Route(String linear, String biased, String product, String back, String row, int dtype) {
    this.linear = linear;
    this.biased = biased;
    this.product = product;
    this.back = back;
    this.row = row;
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

  /** {@code x Wᵀ} in the route's own type. */
  String narrow(String x, String w) {
    return this == BF16 ? product(x, w) : linear(x, w);
  }

  /** {@code x Wᵀ + b}. */
  String linear(String x, String w, String bias) {
    return biased.formatted(x, w, bias);
  }

  /**
   * The method {@code linear(x, W)} of a script: {@link #narrow}, but where x is one row on the
   * processor and nobody asks for a gradient, as a text is written, oneDNN's inner product, which
   * takes less time for a row.
   */
  String method() {
    return """
      def linear(self: __torch__.K, x: Tensor, w: Tensor) -> Tensor:
        alone = torch.eq(torch.numel(x), torch.size(x, -1))
        if alone:
          alone = torch.__not__(torch.__or__(ops.prim.requires_grad(x), ops.prim.is_cuda(x)))
        if alone:
          y = ROW
        else:
          y = LINEAR
        return y
    """
        .replace("ROW", row.isEmpty() ? narrow("x", "w") : row.formatted("x", "w"))
        .replace("LINEAR", narrow("x", "w"));
  }

  /** Whether one row has a product of its own, so that scripts call {@code linear}. */
  boolean singles() {
    return !row.isEmpty();
  }

  /** {@code x Wᵀ} in the route's own type, where nobody asks for a gradient. */
  String product(String x, String w) {
    return product.formatted(x, w);
  }

  /** {@code p W} where nobody asks for a gradient. */
  String back(String p, String w) {
    return back.formatted(p, w);
  }
}
