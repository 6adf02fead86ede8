package fedllm.api.tensor;

import fedllm.api.random.Philox;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A matrix that is zero but at places that a seed draws, whatever the data. Its tensor holds the
 * values alone, [count], row by row; its name says the rest: {@code NAME.sparse(OUTxIN,SEED)}. Who
 * draws from another seed sends another tensor.
 *
 * @param name what the method calls it
 * @param out rows
 * @param in columns
 * @param seed of the places
 */
public record Sparse(String name, int out, int in, long seed) {

  private static final Pattern NAME = Pattern.compile("(.*)\\.sparse\\((\\d+)x(\\d+),(-?\\d+)\\)");

  /** The matrix that a tensor holds; empty where it is of another kind. */
  public static Optional<Sparse> of(Tensor tensor) {
    Matcher found = NAME.matcher(tensor.parameter());
    if (!found.matches() || tensor.shape().size() != 1) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Sparse(
              found.group(1),
              Integer.parseInt(found.group(2)),
              Integer.parseInt(found.group(3)),
              Long.parseLong(found.group(4))));
    } catch (NumberFormatException e) {
      return Optional.empty(); // a number that no matrix here has
    }
  }

  /** What its tensor is called inside a module. */
  public String parameter() {
    return "%s.sparse(%dx%d,%d)".formatted(name, out, in, seed);
  }

  /** Its tensor, of so many values. */
  public Tensor tensor(String module, long count) {
    return new Tensor(module, parameter(), List.of(count));
  }

  /**
   * Where the values stand: {@code row * in + column}, ascending, each once; any so many are as
   * likely as any others (Floyd's sample).
   */
  public int[] places(String module, int count) {
    int all = Math.multiplyExact(out, in);
    if (count > all) {
      throw new IllegalArgumentException(count + " places of " + this);
    }
    Philox random = Philox.of(seed, 0, "", 0, "places of " + module);
    Set<Integer> drawn = new HashSet<>();
    for (int last = all - count; last < all; last++) {
      if (!drawn.add(random.below(last, last + 1))) {
        drawn.add(last);
      }
    }
    int[] places = drawn.stream().mapToInt(Integer::intValue).toArray();
    Arrays.sort(places);
    return places;
  }
}
