package fedllm.learning.rope;

import fedllm.learning.model.RopeScaling;
import java.util.Arrays;

/**
 * Positions divided by a factor (arXiv:2306.15595).
 *
 * @param factor how much further it reaches
 */
record Linear(double factor) implements RopeScaling {

  @Override
  public String rates(int width, double theta) {
    return RopeScaling.list(
        Arrays.stream(RopeScaling.plain(width, theta)).map(rate -> rate / factor).toArray());
  }

  @Override
  public int context(int positions) {
    return (int) (positions * factor);
  }
}
