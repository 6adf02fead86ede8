package fedllm.learning.storage;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.tensor.Tensor;
import fedllm.learning.kernel.Casts;
import java.util.List;

/** Matrices as floating-point numbers. */
public enum Floating implements Storage {
  /** 32 bits. */
  FP32(6),
  /** 16 bits, as many of them for the exponent as in 32. */
  BF16(15);

  private final int dtype;

  Floating(int dtype) {
    this.dtype = dtype;
  }

  @Override
  public int dtype() {
    return dtype;
  }

  @Override
  public Held open(NDManager owner, Tensor tensor) {
    try (NDArray values = Casts.empty(owner, tensor.size(), dtype)) {
      return new Rows(
          Casts.shaped(values, tensor.shape().stream().mapToLong(Long::longValue).toArray()));
    }
  }

  @Override
  public String matrix(List<String> held, long rows, long columns, int wanted) {
    return wanted == dtype ? held.get(0) : "torch.to(" + held.get(0) + ", " + wanted + ")";
  }

  /** Rows that are copied to where they stay. */
  private static final class Rows implements Held {
    private final NDArray whole;
    private long filled;

    Rows(NDArray whole) {
      this.whole = whole;
    }

    @Override
    public void add(NDArray rows) {
      long to = filled + rows.getShape().get(0);
      try (NDArray part = Casts.part(whole, filled, to)) {
        Casts.put(part, rows);
      }
      filled = to;
    }

    @Override
    public NDList all() {
      return new NDList(whole);
    }
  }
}
