package fedllm.learning.model;

/**
 * The rotary embedding (arXiv:2104.09864), as TorchScript: pair (i, i + half) of a head turns by
 * {@code position * rate(i)}. This is Hugging Face's order of rows in q and k.
 *
 * @param width how many values of a head turn, even; the first ones
 * @param headWidth the width of a head
 * @param theta the base of the rates
 * @param scaling how the rates are made to reach further
 */
public record Rotary(int width, int headWidth, double theta, RopeScaling scaling) {

  private static final String METHODS =
      """
        def angles(self: __torch__.K, positions: Tensor, lengths: Tensor) -> Tensor:
          rates = RATES
          half = torch.unsqueeze(torch.to(positions, 7), -1) * rates
          return torch.unsqueeze(torch.cat([half, half], -1), 1)
        def turned(self: __torch__.K, positions: Tensor, lengths: Tensor) -> List[Tensor]:
          angles = (self).angles(positions, lengths)
          return [torch.to(torch.cos(angles) * MAGNITUDE, 6), torch.to(torch.sin(angles) * MAGNITUDE, 6)]
        def turn(self: __torch__.K, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
          left, right = torch.chunk(x, 2, -1)
          return x * cos + torch.cat([torch.neg(right), left], -1) * sin
        def rotate(self: __torch__.K, x: Tensor, f: List[Tensor]) -> Tensor:
          ROTATE
      """;

  /** The body of {@link Architecture#frame}: cosines and sines as {@code f[7]} and {@code f[8]}. */
  public static final String FRAME = "    return (self).turned(positions, lengths)\n";

  /** Unscaled: the rates are {@code theta^(-2i/width)}. */
  public Rotary(int width, int headWidth, double theta) {
    this(width, headWidth, theta, RopeScaling.NONE);
  }

  /**
   * Methods for a family to emit once: {@code rotate(x, f)} turns [batch, heads, length,
   * headWidth].
   */
  public String methods() {
    return METHODS
        .replace("ROTATE", rotate())
        .replace("RATES", scaling.rates(width, theta))
        .replace("MAGNITUDE", Double.toString(scaling.magnitude()))
        .replace("HEAD", Integer.toString(headWidth))
        .replace("WIDTH", Integer.toString(width));
  }

  private String rotate() {
    if (width == headWidth) {
      return "return (self).turn(x, f[7], f[8])";
    }
    String turned = "(self).turn(torch.slice(x, 3, 0, WIDTH), f[7], f[8])";
    return "return torch.cat([" + turned + ", torch.slice(x, 3, WIDTH, HEAD)], 3)";
  }
}
