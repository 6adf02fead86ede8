package fedllm.learning.rope;

import fedllm.learning.model.RopeScaling;
import java.util.List;

/**
 * A divisor for each pair that was searched for, one for texts up to {@code original} and another
 * for longer ones (arXiv:2402.13753).
 *
 * @param brief divisors of the rates in texts up to {@code original}
 * @param extended divisors of the rates in longer ones
 * @param original how long the texts were that it learned from first
 * @param magnitude what cosines and sines are multiplied with, in brief texts too
 */
record LongRope(List<Double> brief, List<Double> extended, int original, double magnitude)
    implements RopeScaling {

  @Override
  public String rates(int width, double theta) {
    String isLong = "torch.unsqueeze(torch.gt(lengths, " + original + "), -1)";
    return "torch.where("
        + isLong
        + ", "
        + divided(width, theta, extended)
        + ", "
        + divided(width, theta, brief)
        + ")";
  }

  private static String divided(int width, double theta, List<Double> divisors) {
    double[] rates = RopeScaling.plain(width, theta);
    for (int i = 0; i < rates.length; i++) {
      rates[i] /= divisors.get(i);
    }
    return RopeScaling.list(rates);
  }

  @Override
  public boolean differs(int from, int to) {
    return from <= original && to > original;
  }
}
