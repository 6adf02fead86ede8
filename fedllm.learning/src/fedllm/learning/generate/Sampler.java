package fedllm.learning.generate;

import fedllm.api.error.SitsOut;
import fedllm.api.random.Philox;
import java.util.BitSet;

/**
 * Chooses tokens from logits, in 64 bits. The choice is a function of logits, seed, sequence and
 * position alone: whatever else is in the batch, the same text comes. Used by one thread.
 */
public final class Sampler {

  private final Sampling sampling;
  private final Kept kept = new Kept();
  private final int[] words = new int[4];
  private double[] weights = {};

  /** A sampler whose buffers grow to the largest vocabulary it sees. */
  public Sampler(Sampling sampling) {
    this.sampling = sampling;
  }

  /** The random numbers of a sequence. */
  public Philox stream(long sequence) {
    return Philox.of(sampling.seed(), 0, "", sequence, "sample");
  }

  /**
   * Chooses a token.
   *
   * @param logits holds the logits at {@code [from, from + count)}; those of tokens the text has
   *     already are changed
   * @param had the tokens that the text has already
   * @param random the sequence's own
   * @param position of the token in its text
   * @throws SitsOut when a logit is no number
   */
  public int choose(float[] logits, int from, int count, BitSet had, Philox random, long position) {
    if (sampling.repetition() != 1) {
      punish(logits, from, had);
    }
    int likeliest = likeliest(logits, from, count);
    if (sampling.temperature() == 0) {
      return likeliest;
    }
    if (weights.length < count) {
      weights = new double[count];
    }
    float highest = logits[from + likeliest];
    for (int i = 0; i < count; i++) {
      weights[i] = Math.exp((logits[from + i] - (double) highest) / sampling.temperature());
    }
    kept.all(logits, weights, from, count);
    if (sampling.topK() > 0 && sampling.topK() < count) {
      kept.most(sampling.topK());
    }
    if (sampling.topP() < 1) {
      kept.share(sampling.topP());
    }
    return kept.at(uniform(random, position));
  }

  /** The tokens that may come after the last choice, for tests. */
  BitSet kept() {
    return kept.tokens();
  }

  private void punish(float[] logits, int from, BitSet had) {
    for (int i = had.nextSetBit(0); i >= 0; i = had.nextSetBit(i + 1)) {
      double logit = logits[from + i];
      logits[from + i] =
          (float) (logit > 0 ? logit / sampling.repetition() : logit * sampling.repetition());
    }
  }

  /** The first of the largest. */
  private static int likeliest(float[] logits, int from, int count) {
    int best = 0;
    boolean odd = false;
    for (int i = 0; i < count; i++) {
      float logit = logits[from + i];
      odd |= Float.isNaN(logit);
      if (logit > logits[from + best]) {
        best = i;
      }
    }
    if (odd || Float.isInfinite(logits[from + best])) {
      throw new SitsOut(
          "the model's logits are not numbers; check its weights and the adapter's, or compute in"
              + " 32 bits");
    }
    return best;
  }

  /** A number in [0, 1) of 53 bits. */
  private double uniform(Philox random, long position) {
    random.block(position, words, 0);
    return ((words[0] & 0xFFFFFFFFL) << 21 ^ (words[1] >>> 11)) * 0x1p-53;
  }
}
