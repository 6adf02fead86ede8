package fedllm.learning.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.List;

/** How a frozen matrix lies in memory; what is computed with is another matter. Immutable. */
public interface Storage {

  /** What a job calls it. */
  String name();

  /**
   * Takes a matrix piece by piece.
   *
   * @param owner of what is held
   * @param rows of the matrix
   * @param columns of the matrix
   */
  Held open(NDManager owner, long rows, long columns);

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

  /** Whether a matrix is made anew at each use, so that a graph should not keep it. */
  default boolean coded() {
    return false;
  }

  /** A matrix on its way into memory. */
  interface Held {

    /** The next rows, [n, columns] of 32-bit floats; the caller closes them. */
    void add(NDArray rows);

    /** What holds them all; the owner has it. */
    NDList all();
  }
}
