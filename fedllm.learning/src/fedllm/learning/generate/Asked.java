package fedllm.learning.generate;

import fedllm.api.error.Refused;
import java.util.List;
import java.util.Set;

/**
 * What is asked for.
 *
 * @param sampling how tokens are chosen
 * @param most how many tokens at most
 * @param ends tokens that end a text
 * @param stops texts that end it
 * @param first the number of the first prompt: a prompt's random numbers come from its number
 */
public record Asked(
    Sampling sampling, int most, Set<Integer> ends, List<String> stops, long first) {
  public Asked {
    if (most < 1) {
      throw new Refused("at least one token must be asked for");
    }
    ends = Set.copyOf(ends);
    stops = List.copyOf(stops);
  }

  /** As many tokens, of prompts numbered from 0 on. */
  public Asked(Sampling sampling, int most, Set<Integer> ends) {
    this(sampling, most, ends, List.of(), 0);
  }
}
