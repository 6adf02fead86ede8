package fedllm.learning.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Part;
import fedllm.learning.seeds.Direction;
import java.util.Arrays;

/**
 * Moves what is trained along a random direction, in place: {@code p += s z}, one direction over
 * all tensors in their order, drawn a block at a time. The same direction moves it back, up to
 * rounding. One thread.
 */
public final class Perturbation {

  /** The method that {@link #move} calls. */
  public static final Part PART =
      Part.of(
          """
            def shift(self: __torch__.K, scale: Tensor, at: Tensor, z: Tensor, p: List[Tensor]) -> Tensor:
              first = int(torch.item(at))
              some = torch.slice(torch.view(p[0], [-1]), 0, first, first + torch.numel(z))
              _0 = torch.add_(some, z, alpha=float(torch.item(scale)))
              return scale
          """);

  private static final int BLOCK = 1 << 16;

  private final LanguageModel model;
  private final NDList values;
  private final float[] block = new float[BLOCK];

  /** Of these values, which {@link #move} changes; the model has {@link #PART}. */
  public Perturbation(LanguageModel model, NDList values) {
    this.model = model;
    this.values = values;
  }

  /** Adds {@code scale} times a direction. */
  public void move(Direction direction, double scale) {
    long position = 0;
    for (NDArray value : values) {
      long size = value.size();
      for (long from = 0; from < size; from += BLOCK) {
        int count = (int) Math.min(BLOCK, size - from);
        Arrays.fill(block, 0, count, 0);
        direction.add(position, 1, block, count);
        position += count;
        add(value, from, count == BLOCK ? block : Arrays.copyOf(block, count), scale);
      }
    }
  }

  private void add(NDArray value, long from, float[] normals, double scale) {
    try (NDManager part = model.newManager()) {
      NDList arguments =
          new NDList(
              part.create(new double[] {scale}), part.create(from), part.create(normals), value);
      model.call("shift", arguments);
    }
  }
}
