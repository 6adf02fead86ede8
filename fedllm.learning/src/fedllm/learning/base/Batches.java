package fedllm.learning.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import fedllm.learning.kernel.Kernel;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.text.Batch;
import java.util.Arrays;

/** Batches as the list argument {@code b} of a model's methods. */
final class Batches {

  private Batches() {}

  /** A batch, its segments left out where no position could see what it must not. */
  static NDList list(NDManager owner, Architecture model, Batch batch) {
    boolean classes = model.head().kind() == Head.Kind.SEQUENCE_CLASSES;
    boolean lengths = model.rereads(1, batch.length());
    boolean segments =
        batch.packed() || ((!model.causal() || classes || lengths) && batch.padded());
    return list(
        owner, batch.rows(), batch.ids(), segments ? batch.segments() : null, batch.types(), 0);
  }

  static NDList list(
      NDManager owner, int rows, long[] ids, long[] segments, long[] types, long first) {
    NDList list = new NDList();
    list.add(owner.create(ids, new Shape(rows, ids.length / rows)));
    list.add(matrix(owner, rows, segments == null ? new long[0] : segments));
    list.add(matrix(owner, rows, types));
    list.add(owner.create(first));
    return Kernel.list("b", list);
  }

  /** One text, or what comes behind its first tokens. */
  static NDList text(NDManager owner, int[] ids, int first) {
    long[] fed = Arrays.stream(ids).asLongStream().toArray();
    return list(owner, 1, fed, null, new long[0], first);
  }

  /** No cache, as the list argument {@code kv}. */
  static NDList none(NDManager owner) {
    return Kernel.list("kv", new NDList(owner.create(0f)));
  }

  /** Values [rows, ..]; empty where there are none. */
  static NDArray matrix(NDManager owner, int rows, long[] values) {
    return values.length == 0
        ? owner.zeros(new Shape(0), DataType.INT64)
        : owner.create(values, new Shape(rows, values.length / rows));
  }
}
