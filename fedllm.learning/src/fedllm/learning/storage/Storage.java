package fedllm.learning.storage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.tensor.Tensor;
import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * How a frozen matrix lies in memory; what is computed with is another matter. Stateless, safe for
 * many threads.
 */
@ConsumerType
public interface Storage {

  /**
   * Takes a matrix piece by piece.
   *
   * @param owner of what is held
   * @param tensor its name and shape, [rows, columns]
   */
  Held open(NDManager owner, Tensor tensor);

  /** Methods that {@link #matrix} calls, each with its {@code def} indented by two. */
  default String methods() {
    return "";
  }

  /**
   * The expression of the matrix [rows, columns].
   *
   * @param held the expressions of what {@link Held#all} returned
   * @param dtype 6 for 32-bit floats, 15 for bfloat16
   */
  String matrix(List<String> held, long rows, long columns, int dtype);

  /**
   * The type, as TorchScript numbers it, of a matrix that is held as nothing but its values; 0
   * where it is held otherwise. Such matrices may lie in memory that others share.
   */
  default int dtype() {
    return 0;
  }

  /** Whether a matrix is made anew at each use, so that a graph should not keep it. */
  default boolean coded() {
    return false;
  }

  /** A matrix on its way into memory. */
  interface Held {

    /**
     * The next rows, [n, columns] of 32-bit floats, to be copied: the caller uses their memory
     * again.
     */
    void add(NDArray rows);

    /** What holds them all; the owner has it. */
    NDList all();
  }
}
