package fedllm.format;

import java.util.List;

/**
 * A tensor's place in a safetensors file.
 *
 * @param name its full name
 * @param dtype the type of its elements
 * @param shape its sizes, outermost first; empty for a scalar
 * @param begin its first byte, counted from the end of the header
 * @param end the byte after its last
 */
public record TensorInfo(String name, Dtype dtype, List<Long> shape, long begin, long end) {

  /** The shape and type must fill the place exactly. */
  public TensorInfo {
    shape = List.copyOf(shape);
    long expected = Math.multiplyExact(elements(shape), dtype.bytes());
    if (begin < 0 || end < begin || end - begin != expected) {
      throw new IllegalArgumentException(
          dtype
              + ""
              + shape
              + " needs "
              + expected
              + " bytes, but lies at ["
              + begin
              + ", "
              + end
              + ")");
    }
  }

  /** How many elements it has. */
  public long elements() {
    return elements(shape);
  }

  /** How many bytes it has. */
  public long bytes() {
    return end - begin;
  }

  private static long elements(List<Long> shape) {
    long elements = 1;
    for (long n : shape) {
      if (n < 0) {
        throw new IllegalArgumentException("the shape " + shape + " has a negative size");
      }
      elements = Math.multiplyExact(elements, n);
    }
    return elements;
  }

  @Override
  public String toString() {
    return Shown.name(name) + " " + dtype + shape;
  }
}
