package fedllm.learning.seeds;

import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Progress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Makes values again of where they began and of how far they went along each direction
 * (arXiv:2312.06353):
 *
 * <pre>w = w0 - η Σ H[s] z(s)</pre>
 *
 * <p>Each value is summed in 64 bits over s in ascending order, and rounded once: the same bits on
 * any machine, by any number of threads. Time grows with directions times values, not with rounds.
 *
 * @param directions z
 * @param learningRate η, of every step; it must not have changed
 */
public record Replay(Directions directions, double learningRate) {

  private static final int BLOCK = 1 << 12;

  /** H as a tensor of a state, for so many directions. */
  public static Tensor sums(int directions) {
    return new Tensor("seeds", "sums", List.of((long) directions));
  }

  /**
   * All tensors of an adapter, in the order in which directions go over them.
   *
   * @param first w0, not changed
   * @param sums H
   * @param progress told after each tensor
   */
  public Tensors of(Tensors first, float[] sums, Progress progress) {
    Tensors replayed = first.copy();
    long position = 0;
    for (int t = 0; t < replayed.schema().tensors().size(); t++) {
      float[] values = replayed.values(t);
      move(values, position, sums);
      position += values.length;
      progress.at("replayed value", position, first.schema().size());
    }
    return replayed;
  }

  /**
   * One tensor, in place.
   *
   * @param values w0, which becomes w
   * @param position of the tensor's first value in a direction
   * @param sums H
   */
  public void move(float[] values, long position, float[] sums) {
    int[] used = IntStream.range(0, sums.length).filter(s -> sums[s] != 0).toArray();
    Direction[] along = Arrays.stream(used).mapToObj(directions::of).toArray(Direction[]::new);
    int blocks = (values.length + BLOCK - 1) / BLOCK;
    IntStream.range(0, blocks)
        .parallel()
        .forEach(
            block -> {
              int from = block * BLOCK;
              int count = Math.min(BLOCK, values.length - from);
              double[] sum = new double[count];
              float[] z = new float[count];
              for (int k = 0; k < used.length; k++) {
                Arrays.fill(z, 0);
                along[k].add(position + from, 1, z, count);
                double h = sums[used[k]];
                for (int i = 0; i < count; i++) {
                  sum[i] += h * z[i];
                }
              }
              for (int i = 0; i < count; i++) {
                values[from + i] = (float) (values[from + i] - learningRate * sum[i]);
              }
            });
  }
}
