package fedllm.learning.rope;

import fedllm.learning.model.RopeScaling;

/**
 * Slow pairs divided by a factor, fast ones as they are, and a ramp over the pairs between
 * (arXiv:2309.00071).
 *
 * @param factor what the rates of slow pairs are divided by
 * @param original how long the texts were that it learned from
 * @param fast pairs that turn more often than this in such a text are as they are
 * @param slow pairs that turn fewer times than this are divided
 * @param whole whether the ramp begins and ends at whole pairs
 * @param magnitude what cosines and sines are multiplied with
 */
record Yarn(double factor, int original, double fast, double slow, boolean whole, double magnitude)
    implements RopeScaling {

  @Override
  public String rates(int width, double theta) {
    double from = pair(fast, width, theta);
    double to = pair(slow, width, theta);
    if (whole) {
      from = Math.floor(from);
      to = Math.ceil(to);
    }
    from = Math.max(from, 0);
    to = Math.min(to, width - 1);
    if (from == to) {
      to += 0.001; // a step, where the ramp has no length
    }
    double[] rates = RopeScaling.plain(width, theta);
    for (int i = 0; i < rates.length; i++) {
      double divided = Math.min(1, Math.max(0, (i - from) / (to - from)));
      rates[i] *= 1 - divided + divided / factor;
    }
    return RopeScaling.list(rates);
  }

  /** The pair, as a real number, that turns so often in a text of the original length. */
  private double pair(double turns, int width, double theta) {
    return width * StrictMath.log(original / (turns * 2 * Math.PI)) / (2 * StrictMath.log(theta));
  }

  @Override
  public int context(int positions) {
    return Math.max(positions, (int) (original * factor));
  }
}
