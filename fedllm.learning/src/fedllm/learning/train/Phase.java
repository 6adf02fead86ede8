package fedllm.learning.train;

import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * One way through a round's lessons.
 *
 * @param name whose optimizer memory it goes on with where a job keeps it; empty for the only one
 * @param from the share of the round's lessons that come before its first
 * @param to the share up to and with its last
 * @param moves which tensors are trained; the others stay, and the optimizer does not see them
 * @param corrections of the gradients, one after the other
 */
public record Phase(
    String name, double from, double to, Predicate<Tensor> moves, List<Correction> corrections) {

  /** All lessons train everything, and nothing is corrected. */
  public static final Phase WHOLE = new Phase("", 0, 1, tensor -> true, List.of());

  /** A change of phases. */
  @FunctionalInterface
  public interface Change {

    /** None. */
    Change NONE = (from, phase) -> phase;

    /** What is gone through in the place of a phase that starts from these values. */
    Phase of(Tensors from, Phase phase);

    /** This one, and then another. */
    default Change then(Change next) {
      return (from, phase) -> next.of(from, of(from, phase));
    }
  }

  public Phase {
    corrections = List.copyOf(corrections);
    if (!(from >= 0 && from < to && to <= 1)) {
      throw new IllegalArgumentException("lessons from " + from + " to " + to);
    }
  }

  /** All lessons, under a name of its own. */
  public static Phase called(String name) {
    return new Phase(name, 0, 1, WHOLE.moves, List.of());
  }

  /** The same with some of the lessons. */
  public Phase between(double first, double last) {
    return new Phase(name, first, last, moves, corrections);
  }

  /** The same of those tensors alone. */
  public Phase only(Predicate<Tensor> which) {
    return new Phase(name, from, to, moves.and(which), corrections);
  }

  /** The same with one more correction. */
  public Phase with(Correction correction) {
    List<Correction> more = new ArrayList<>(corrections);
    more.add(correction);
    return new Phase(name, from, to, moves, more);
  }
}
