package fedllm.learning.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/**
 * What the engine's Java side cannot ask for: it aborts on bfloat16. Types are numbered as in
 * TorchScript: 5 for 16-bit floats, 6 for 32-bit floats, 15 for bfloat16.
 */
public final class Casts {

  private static final String METHODS =
      """
        def to6(self: __torch__.K, x: Tensor) -> Tensor:
          return torch.to(x, 6)
        def to15(self: __torch__.K, x: Tensor) -> Tensor:
          return torch.to(x, 15)
        def empty(self: __torch__.K, at: Tensor, d: Tensor) -> Tensor:
          return torch.new_empty(at, [int(torch.item(torch.select(d, 0, 0)))], dtype=int(torch.item(torch.select(d, 0, 1))))
        def part(self: __torch__.K, x: Tensor, d: Tensor) -> Tensor:
          return torch.slice(x, 0, int(torch.item(torch.select(d, 0, 0))), int(torch.item(torch.select(d, 0, 1))))
        def shaped(self: __torch__.K, x: Tensor, d: Tensor) -> Tensor:
          sizes = annotate(List[int], [])
          for i in range(torch.size(d, 0)):
            _0 = torch.append(sizes, int(torch.item(torch.select(d, 0, i))))
          return torch.view(x, sizes)
        def turned(self: __torch__.K, x: Tensor) -> Tensor:
          return torch.t(x)
        def put(self: __torch__.K, x: Tensor, y: Tensor) -> Tensor:
          return torch.copy_(x, torch.view_as(y, x))
      """;

  private static final NDManager OWNER = Torch.newManager();
  private static final Kernel KERNEL = Kernel.compile(OWNER, METHODS);

  private Casts() {}

  /**
   * A copy of another type, owned by the manager of {@code x}.
   *
   * @param dtype 6 or 15
   */
  public static NDArray to(NDArray x, int dtype) {
    return call("to" + dtype, x);
  }

  /** Values that nobody has set yet, where the owner's arrays lie. */
  public static NDArray empty(NDManager owner, long count, int dtype) {
    try (NDArray at = owner.create(0f);
        NDArray wanted = OWNER.create(new long[] {count, dtype})) {
      return call("empty", at, wanted);
    }
  }

  /** Some rows of an array, or values of a flat one: the same memory. */
  public static NDArray part(NDArray x, long from, long to) {
    try (NDArray wanted = OWNER.create(new long[] {from, to})) {
      return call("part", x, wanted);
    }
  }

  /** A flat array in another shape: the same memory. */
  public static NDArray shaped(NDArray x, long... shape) {
    try (NDArray wanted = OWNER.create(shape)) {
      return call("shaped", x, wanted);
    }
  }

  /** A matrix transposed: the same memory. */
  public static NDArray turned(NDArray x) {
    return call("turned", x);
  }

  /** Copies as many values of whatever type into an array. */
  public static void put(NDArray x, NDArray values) {
    call("put", x, values).close();
  }

  /** Bytes of an array's values. */
  public static long bytes(NDArray x) {
    int each = x.getDataType().getNumOfBytes();
    return x.size() * (each == 0 ? 2 : each); // 0: the engine's Java side does not know bfloat16
  }

  private static NDArray call(String method, NDArray... arguments) {
    synchronized (KERNEL) {
      return KERNEL.call(method, false, new NDList(arguments)).head();
    }
  }
}
