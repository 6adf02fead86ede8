package fedllm.learning.model;

/**
 * Softmax attention, as TorchScript: grouped keys, masks, a sliding window, soft-capped scores, and
 * a cache while text is generated.
 *
 * @param heads how many heads ask
 * @param keyHeads how many heads of keys and values they share
 * @param width the width of a head
 * @param scale what scores are multiplied with
 * @param cap scores s become {@code cap * tanh(s / cap)}; 0 for no cap
 * @param causal whether a position sees only those before it
 */
public record Attention(
    int heads, int keyHeads, int width, double scale, double cap, boolean causal) {

  private static final String METHODS =
      """
        def heads(self: __torch__.K, x: Tensor, n: int) -> Tensor:
          split = torch.reshape(torch.to(x, 6), [torch.size(x, 0), torch.size(x, 1), n, WIDTH])
          return torch.transpose(split, 1, 2)
        def attend(self: __torch__.K, q: Tensor, k: Tensor, v: Tensor, f: List[Tensor], kv: List[Tensor], layer: int, near: bool) -> Tensor:
          mask = f[2]
          if near:
            mask = f[3]
          if torch.gt(torch.len(kv), 1):
            at = int(torch.item(f[4]))
            to = at + torch.size(k, 2)
            keys = kv[2 * layer]
            values = kv[2 * layer + 1]
            _0 = torch.copy_(torch.slice(keys, 2, at, to), k)
            _1 = torch.copy_(torch.slice(values, 2, at, to), v)
            k = torch.slice(keys, 2, 0, to)
            v = torch.slice(values, 2, 0, to)
          if torch.eq(torch.size(q, 2), 1):
            a = torch.reshape((self).look(torch.reshape(q, [torch.size(q, 0), KEYS, GROUP, WIDTH]), k, v, mask, False), [torch.size(q, 0), HEADS, 1, WIDTH])
          else:
            a = (self).look(q, (self).spread(k), (self).spread(v), mask, CAUSAL)
          return torch.flatten(torch.transpose(a, 1, 2), 2)
        def spread(self: __torch__.K, x: Tensor) -> Tensor:
          return SPREAD
        def look(self: __torch__.K, q: Tensor, k: Tensor, v: Tensor, mask: Tensor, causal: bool) -> Tensor:
      """;

  private static final String FUSED =
      """
          if torch.gt(torch.numel(mask), 0):
            a = torch.scaled_dot_product_attention(q, k, v, mask, 0., False, scale=SCALE)
          else:
            a = torch.scaled_dot_product_attention(q, k, v, None, 0., causal, scale=SCALE)
          return a
      """;

  private static final String CAPPED =
      """
          s = CAP * torch.tanh(torch.matmul(q, torch.transpose(k, 2, 3)) * DIVIDED)
          if torch.gt(torch.numel(mask), 0):
            s = torch.masked_fill(s, torch.logical_not(mask), -3.0e+38)
          else:
            if causal:
              later = torch.triu(torch.new_ones(q, [torch.size(q, 2), torch.size(k, 2)], dtype=11), 1)
              s = torch.masked_fill(s, later, -3.0e+38)
          return torch.matmul(torch.softmax(s, -1), v)
      """;

  /** Attention with the usual scale, {@code 1/√width}, and no cap. */
  public static Attention plain(int heads, int keyHeads, int width, boolean causal) {
    return new Attention(heads, keyHeads, width, 1 / Math.sqrt(width), 0, causal);
  }

  /**
   * Methods for a family to emit once. {@code heads(x, n)} makes [batch, n, length, width], 32-bit
   * floats, of [batch, length, n * width]; {@code attend(q, k, v, f, kv, layer, near)} takes such
   * and returns [batch, length, heads * width]. {@code near} says whether the layer sees its window
   * only.
   */
  public String methods() {
    return (METHODS + (cap == 0 ? FUSED : CAPPED))
        .replace("WIDTH", Integer.toString(width))
        .replace("HEADS", Integer.toString(heads))
        .replace("KEYS", Integer.toString(keyHeads))
        .replace("GROUP", Integer.toString(heads / keyHeads))
        .replace("CAUSAL", causal ? "torch.eq(torch.size(q, 2), torch.size(k, 2))" : "False")
        .replace("SPREAD", spread())
        .replace("SCALE", Double.toString(scale))
        .replace("DIVIDED", Double.toString(scale / cap))
        .replace("CAP", Double.toString(cap));
  }

  /** Torch can group queries by itself, but then leaves its fast attention: 0.4 of the speed. */
  private String spread() {
    int group = heads / keyHeads;
    return group == 1 ? "x" : "torch.repeat_interleave(x, " + group + ", 1)";
  }
}
