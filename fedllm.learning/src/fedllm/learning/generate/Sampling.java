package fedllm.learning.generate;

import fedllm.api.error.Refused;

/**
 * How the next token is chosen. What is left out first comes first: repetition, temperature, topK,
 * topP.
 *
 * @param temperature logits are divided by it; 0 takes the likeliest token
 * @param topK how many of the likeliest tokens may come; 0 for all
 * @param topP the fewest of the likeliest tokens with at least this share of what is left may come
 *     (arXiv:1904.09751); 1 for all
 * @param repetition positive logits of tokens that the text has already are divided by it, negative
 *     ones multiplied (arXiv:1909.05858); 1 for none
 * @param seed of the random numbers
 */
public record Sampling(double temperature, int topK, double topP, double repetition, long seed) {

  /** The likeliest token each time. */
  public static final Sampling GREEDY = new Sampling(0, 0, 1, 1, 0);

  public Sampling {
    check(temperature >= 0 && temperature <= 100, "temperature", "between 0 and 100");
    check(topK >= 0, "topK", "0 or more");
    check(topP > 0 && topP <= 1, "topP", "above 0 and at most 1");
    check(repetition >= 1 && repetition <= 100, "repetition", "between 1 and 100");
  }

  private static void check(boolean holds, String name, String range) {
    if (!holds) {
      throw new Refused(name + " should be " + range);
    }
  }
}
