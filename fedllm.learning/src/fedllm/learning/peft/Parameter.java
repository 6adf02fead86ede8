package fedllm.learning.peft;

import fedllm.api.random.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One trained tensor.
 *
 * @param symbol what the equation calls it
 * @param name its name inside the module, such as {@code lora_A.weight}
 * @param shape its sizes
 * @param first its first values
 * @param rankAxis the axis that is the method's rank, of which a client may be given the first few
 *     alone; -1 for none. Equations must not name its size
 */
public record Parameter(String symbol, String name, List<Long> shape, Fill first, int rankAxis) {

  public Parameter {
    shape = List.copyOf(shape);
  }

  /** One that every client holds whole. */
  public Parameter(String symbol, String name, List<Long> shape, Fill first) {
    this(symbol, name, shape, first, -1);
  }

  /** The same for another rank; one without stays as it is. */
  public List<Long> shape(long rank) {
    List<Long> other = new ArrayList<>(shape);
    if (rankAxis >= 0) {
      other.set(rankAxis, rank);
    }
    return other;
  }

  /** First values. */
  @FunctionalInterface
  public interface Fill {

    /** All zero. */
    Fill ZERO = (random, values) -> {};

    /** All one. */
    Fill ONE = (random, values) -> Arrays.fill(values, 1);

    /** Fills the zeros of {@code values} from a stream that is this tensor's own. */
    void fill(Philox random, float[] values);
  }

  /** First values that are made of frozen weights. */
  public interface OfBase extends Fill {

    /** Fills the zeros of {@code values}. */
    void fill(Frozen base, Philox random, float[] values);

    @Override
    default void fill(Philox random, float[] values) {
      throw new IllegalStateException("the model fills this from its base");
    }
  }
}
