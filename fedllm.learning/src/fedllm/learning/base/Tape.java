package fedllm.learning.base;

/**
 * Products that are written down while they are computed: with more behind what is trained in the
 * list {@code p}, each product appends there which of p its matrix is, what it read, and what it
 * made. Whoever asks for the gradient of what was made has each example's gradient of the matrix
 * without having it in memory (arXiv:2110.05679).
 */
final class Tape {

  private static final String METHOD =
      """
        def trained(self: __torch__.K, p: List[Tensor], i: int, x: Tensor) -> Tensor:
          y = torch.linear(x, p[i])
          if torch.gt(torch.len(p), COUNT):
            _0 = torch.append(p, torch.full([], i, dtype=4))
            _1 = torch.append(p, x)
            _2 = torch.append(p, y)
          return y
      """;

  private Tape() {}

  /** The method that {@link #product} calls, for so many trained tensors. */
  static String method(int count) {
    return METHOD.replace("COUNT", Integer.toString(count));
  }

  /** The product of {@code x} with what stands in p at {@code place}. */
  static String product(String x, int place) {
    return "(self).trained(p, " + place + ", " + x + ")";
  }
}
