package fedllm.bench.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import fedllm.learning.base.Route;
import fedllm.learning.kernel.Casts;
import fedllm.learning.kernel.Kernel;
import fedllm.learning.kernel.Torch;

/** The limit of a route: one product of square matrices after the other, and nothing else. */
final class Gemm implements AutoCloseable {

  private static final int SIZE = 1024;
  private static final int TIMES = 8;

  private final NDManager manager = Torch.newManager();
  private final Kernel kernel;
  private final NDList operands;

  Gemm(Route route) {
    kernel =
        Kernel.compile(
            manager,
            "  def product(self: __torch__.K, x: Tensor, w: Tensor) -> Tensor:\n    return "
                + (route == Route.BF16 ? "torch.linear(x, w)" : route.linear("x", "w"))
                + "\n");
    int dtype = route == Route.BF16 ? 15 : 6;
    operands = new NDList(square(dtype), square(dtype));
  }

  private NDArray square(int dtype) {
    return Casts.to(manager.randomNormal(new Shape(SIZE, SIZE)), dtype);
  }

  /** Floating-point operations in a second of processor time. */
  double flops() {
    double seconds =
        Clock.cpuSeconds(
            () -> {
              for (int i = 0; i < TIMES; i++) {
                kernel.call("product", false, operands).close();
              }
            });
    return TIMES * 2.0 * SIZE * SIZE * SIZE / seconds;
  }

  @Override
  public void close() {
    kernel.close();
    manager.close();
  }
}
