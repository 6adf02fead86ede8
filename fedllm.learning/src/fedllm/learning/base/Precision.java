package fedllm.learning.base;

import fedllm.learning.storage.Floating;
import fedllm.learning.storage.Storage;

/**
 * How a base computes, and how its matrices lie in memory.
 *
 * @param route the matrix products
 * @param storage the memory
 */
public record Precision(Route route, Storage storage) {

  /** 32-bit floats by the engine's default library. */
  public static final Precision FP32 = new Precision(Route.FP32, Floating.FP32);

  /** bfloat16 in memory and in products. */
  public static final Precision BF16 = new Precision(Route.BF16, Floating.BF16);

  /** The route with the storage that it needs no conversion from. */
  public static Precision of(Route route) {
    return route == Route.BF16 ? BF16 : new Precision(route, Floating.FP32);
  }
}
