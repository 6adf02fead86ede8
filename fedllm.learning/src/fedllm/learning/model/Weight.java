package fedllm.learning.model;

import fedllm.api.tensor.Tensor;
import java.util.Arrays;

/**
 * A tensor that a model's files hold.
 *
 * @param tensor its name, and its shape in the engine: matrices are [out, in]
 * @param role how it may be held in memory
 * @param transposed whether the files hold the matrix as [in, out]
 * @param optional whether it is zero where the files lack it, such as a head that is to be trained
 */
public record Weight(Tensor tensor, Role role, boolean transposed, boolean optional) {

  /** How a weight is used. */
  public enum Role {
    /** Multiplied with; may be held in few bits. */
    MATRIX,
    /** An embedding or a head; held in 16 bits at least. */
    TABLE,
    /** Small: scales, biases. Held as 32-bit floats always. */
    VECTOR
  }

  /** A matrix [out, in]. */
  public static Weight matrix(String name, long out, long in) {
    return new Weight(named(name, out, in), Role.MATRIX, false, false);
  }

  /** An embedding [rows, width]. */
  public static Weight table(String name, long rows, long width) {
    return new Weight(named(name, rows, width), Role.TABLE, false, false);
  }

  /** A scale or a bias. */
  public static Weight vector(String name, long size) {
    return new Weight(named(name, size), Role.VECTOR, false, false);
  }

  /** The same, lying in the files as [in, out]. */
  public Weight asTransposed() {
    return new Weight(tensor, role, true, optional);
  }

  /** The same, zero where the files lack it. */
  public Weight asOptional() {
    return new Weight(tensor, role, transposed, true);
  }

  /** Its full name. */
  public String name() {
    return tensor.name();
  }

  private static Tensor named(String name, long... sizes) {
    int dot = name.lastIndexOf('.');
    return new Tensor(
        dot < 0 ? "" : name.substring(0, dot),
        name.substring(dot + 1),
        Arrays.stream(sizes).boxed().toList());
  }
}
