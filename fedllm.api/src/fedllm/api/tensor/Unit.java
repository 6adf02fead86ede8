package fedllm.api.tensor;

import java.util.List;

/**
 * What is encoded, watched and folded at one time: a run of at most {@link #MAX_VALUES} consecutive
 * values of one tensor (a column block), or all tensors of one module one after the other.
 *
 * @param tensors one tensor, or a module's tensors in the schema's order
 * @param offset the first value's index in the tensor; 0 for a module
 * @param length how many values
 */
public record Unit(List<Tensor> tensors, long offset, int length) {

  /** Values in a column block: 1 MB of floats. */
  public static final int MAX_VALUES = 1 << 18;

  public Unit {
    tensors = List.copyOf(tensors);
    if (tensors.isEmpty() || offset < 0 || length <= 0) {
      throw new IllegalArgumentException(length + " values of " + tensors + " from " + offset);
    }
  }

  /** The tensor of a column block, or the first of a module. */
  public Tensor tensor() {
    return tensors.get(0);
  }

  /** All tensors of one module. */
  public static Unit of(List<Tensor> module) {
    long size = module.stream().mapToLong(Tensor::size).sum();
    return new Unit(module, 0, Math.toIntExact(size));
  }

  /** The module's name. */
  public String module() {
    return tensor().module();
  }

  /** How many column blocks a tensor is cut into. */
  public static int blocks(Tensor tensor) {
    return Math.toIntExact((tensor.size() + MAX_VALUES - 1) / MAX_VALUES);
  }

  /** Column block {@code i} of a tensor. */
  public static Unit block(Tensor tensor, int i) {
    long offset = (long) i * MAX_VALUES;
    return new Unit(List.of(tensor), offset, (int) Math.min(MAX_VALUES, tensor.size() - offset));
  }
}
