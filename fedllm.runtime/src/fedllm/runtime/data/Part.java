package fedllm.runtime.data;

import fedllm.api.error.Refused;
import java.util.Map;

/**
 * One part of a file that several clients share.
 *
 * @param number which, 1 for the first
 * @param of how many there are
 * @param partitioner the name of the data tool that cuts
 * @param options its options
 * @param seed of its random numbers
 */
public record Part(int number, int of, String partitioner, Map<String, Object> options, long seed) {

  /** More parts than anybody has clients; what one partitioner may keep for each is small. */
  public static final int MAX = 1_000_000;

  public Part {
    options = Map.copyOf(options);
    if (of < 1 || of > MAX) {
      throw new Refused("a file is cut into 1 to " + MAX + " parts, not into " + of);
    }
    if (number < 1 || number > of) {
      throw new Refused("there is no part " + number + " of " + of + "; the first is 1");
    }
  }

  @Override
  public String toString() {
    return "part " + number + " of " + of + " by " + partitioner;
  }
}
