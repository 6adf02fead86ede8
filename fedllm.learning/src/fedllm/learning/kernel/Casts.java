package fedllm.learning.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/** Conversions that the engine's Java side cannot ask for: it aborts on bfloat16. */
public final class Casts {

  private static final String METHODS =
      """
        def to6(self: __torch__.K, x: Tensor) -> Tensor:
          return torch.to(x, 6)
        def to15(self: __torch__.K, x: Tensor) -> Tensor:
          return torch.to(x, 15)
        def bits15(self: __torch__.K, x: Tensor) -> Tensor:
          return torch.view_copy(x, dtype=15)
      """;

  private static final NDManager OWNER = Torch.newManager();
  private static final Kernel KERNEL = Kernel.compile(OWNER, METHODS);

  private Casts() {}

  /**
   * A copy of another type, owned by the manager of {@code x}.
   *
   * @param dtype 6 for 32-bit floats, 15 for bfloat16, as TorchScript numbers them
   */
  public static NDArray to(NDArray x, int dtype) {
    return call("to" + dtype, x);
  }

  /** bfloat16 numbers out of their bytes [.., 2 n], little-endian: [.., n]. */
  public static NDArray bfloat16(NDArray bytes) {
    return call("bits15", bytes);
  }

  /** Bytes of an array's values. */
  public static long bytes(NDArray x) {
    int each = x.getDataType().getNumOfBytes();
    return x.size() * (each == 0 ? 2 : each); // 0: the engine's Java side does not know bfloat16
  }

  private static NDArray call(String method, NDArray x) {
    synchronized (KERNEL) {
      return KERNEL.call(method, false, new NDList(x)).head();
    }
  }
}
