package fedllm.learning.rope;

import fedllm.learning.model.RopeScaling;

/**
 * Slow pairs divided by a factor, fast ones as they are, and between the two by how often a pair
 * turns in {@code original} tokens (arXiv:2407.21783, section 3.2, as Llama 3.1's files have it).
 *
 * @param factor what the rates of slow pairs are divided by
 * @param low pairs that turn fewer times than this are slow
 * @param high pairs that turn more often than this are fast
 * @param original how long the texts were that it learned from
 */
record Llama3(double factor, double low, double high, int original) implements RopeScaling {

  @Override
  public String rates(int width, double theta) {
    double[] rates = RopeScaling.plain(width, theta);
    for (int i = 0; i < rates.length; i++) {
      double turns = original * rates[i] / (2 * Math.PI);
      double kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
      rates[i] *= kept + (1 - kept) / factor;
    }
    return RopeScaling.list(rates);
  }
}
