package fedllm.api.tensor;

import java.util.List;

/**
 * A tensor's name and shape.
 *
 * @param module the module it belongs to; what a strategy that works by module sees together
 * @param parameter its name inside the module
 * @param shape its sizes, outermost first; empty for a scalar
 */
public record Tensor(String module, String parameter, List<Long> shape) {

  public Tensor {
    shape = List.copyOf(shape);
    long size = 1;
    for (long n : shape) {
      if (n <= 0) {
        throw new IllegalArgumentException(module + "." + parameter + " has the shape " + shape);
      }
      size = Math.multiplyExact(size, n);
    }
  }

  /** The full name: module, dot, parameter; the parameter alone where the module is empty. */
  public String name() {
    return module.isEmpty() ? parameter : module + "." + parameter;
  }

  /** How many values it has. */
  public long size() {
    long size = 1;
    for (long n : shape) {
      size *= n;
    }
    return size;
  }

  @Override
  public String toString() {
    return name() + shape;
  }
}
