package fedllm.learning.rope;

import fedllm.learning.model.RopeScaling;

/**
 * A base that grows with the text once it is longer than {@code original}: {@code theta * (factor *
 * length / original - (factor - 1))^(width / (width - 2))}, so that the slowest pair turns as if
 * positions were divided, and the fastest as before (arXiv:2309.00071, section 3.1 and appendix).
 *
 * @param factor how much further it reaches
 * @param original how long the texts were that it learned from
 */
record DynamicNtk(double factor, int original) implements RopeScaling {

  @Override
  public String rates(int width, double theta) {
    String length = "torch.to(torch.clamp_min(lengths, " + original + "), 7)";
    String grown = length + " * " + factor / original + " - " + (factor - 1);
    String base = "torch.pow(" + grown + ", " + width / (width - 2.0) + ") * " + theta;
    return "torch.pow(torch.unsqueeze(" + base + ", -1), " + powers(width) + ")";
  }

  /** {@code -2i/width}. */
  private static String powers(int width) {
    double[] powers = new double[width / 2];
    for (int i = 0; i < powers.length; i++) {
      powers[i] = -2.0 * i / width;
    }
    return RopeScaling.list(powers);
  }

  @Override
  public boolean differs(int from, int to) {
    return from != to && to > original;
  }

  @Override
  public int context(int positions) {
    return (int) (positions * factor);
  }
}
