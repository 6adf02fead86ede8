package fedllm.runtime.server;

import fedllm.api.strategy.Units;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * How a fold goes over the tensors that it makes: by whole modules, or by column blocks that are
 * smaller the more members there are, so that the blocks of all fit the processor's own cache and
 * memory does not grow with clients. A rule of schema and members alone, so that results are too.
 */
public final class Cut implements Iterable<Unit> {

  /** Values in the blocks of all members together: 4 MB. */
  private static final int TOGETHER = 1 << 20;

  private static final int LARGEST = 1 << 14;
  private static final int SMALLEST = 1 << 10;

  private final List<Tensor> tensors;
  private final Units by;
  private final int columns;

  /** For a strategy that wants units so. */
  public Cut(Schema schema, Units by, int members) {
    this.tensors = schema.tensors();
    this.by = by;
    int share = Integer.highestOneBit(TOGETHER / Math.max(1, members));
    columns = Math.max(SMALLEST, Math.min(LARGEST, share));
  }

  /** The most values of a column block; a power of 2. */
  int columns() {
    return columns;
  }

  @Override
  public Iterator<Unit> iterator() {
    return new Iterator<>() {
      private int tensor;
      private long at;

      @Override
      public boolean hasNext() {
        return tensor < tensors.size();
      }

      @Override
      public Unit next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return by == Units.COLUMNS ? nextBlock() : nextModule();
      }

      private Unit nextBlock() {
        Tensor of = tensors.get(tensor);
        Unit unit = new Unit(List.of(of), at, (int) Math.min(columns, of.size() - at));
        at += columns;
        if (at >= of.size()) {
          at = 0;
          tensor++;
        }
        return unit;
      }

      private Unit nextModule() {
        int from = tensor;
        String module = tensors.get(from).module();
        while (tensor < tensors.size() && tensors.get(tensor).module().equals(module)) {
          tensor++;
        }
        return Unit.of(tensors.subList(from, tensor));
      }
    };
  }
}
