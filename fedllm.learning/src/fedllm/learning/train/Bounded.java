package fedllm.learning.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import fedllm.api.random.Philox;
import java.util.Arrays;

/**
 * The gradients of DP-SGD (arXiv:1607.00133): {@code (Σ g_i min(1, C / |g_i|) + N(0, σ² C²)) / B},
 * with one g_i for each example. B is the job's batch even where a step has fewer examples, so that
 * nobody's presence changes what others count for. One thread.
 */
final class Bounded {

  /** Tokens of a row up to which a batch is much faster than its rows one after the other. */
  private static final int SHORT = 64;

  private final Descent.Round round;
  private final double bound;
  private final double noise;
  private final int batch;

  Bounded(Descent.Round round, double bound, double noise, int batch) {
    this.round = round;
    this.bound = bound;
    this.noise = noise;
    this.batch = batch;
  }

  /** The mean of the examples' losses, and the noisy sum of their gradients. */
  NDList gradient(NDManager step, Lesson lesson) {
    Sum sum = new Sum(round, step);
    double losses = 0;
    int examples = 0;
    for (Lesson.Piece piece : lesson.pieces()) {
      try (NDManager part = step.newSubManager()) {
        NDList rest = new NDList(part.create(from(piece)), part.create(bound));
        NDList result =
            round
                .model()
                .call(
                    part,
                    taped(piece) ? "clipped" : "exact_clipped",
                    true,
                    piece.batch(),
                    round.values(),
                    round.start(),
                    rest);
        for (double loss : result.head().toType(DataType.FLOAT64, false).toDoubleArray()) {
          losses += loss;
          examples++;
        }
        sum.add(part, 1.0 / batch, result.subNDList(2));
      }
    }
    if (noise > 0) {
      addNoise(step, sum, lesson.step());
    }
    return sum.after((float) (losses / examples));
  }

  private static long[] from(Lesson.Piece piece) {
    return Arrays.stream(piece.from()).asLongStream().toArray();
  }

  /**
   * Whether to tell examples apart by a tape, which costs a second way back: where texts are short,
   * for their products alone are too small to be fast. All have to have equally many rows.
   */
  private static boolean taped(Lesson.Piece piece) {
    if (piece.batch().length() > SHORT) {
      return false;
    }
    int[] from = piece.from();
    for (int i = 1; i < from.length; i++) {
      if (from[i] != from[1] * i) {
        return false;
      }
    }
    return true;
  }

  private void addNoise(NDManager step, Sum sum, long number) {
    Philox random = round.scope().random(round.number(), number, "noise of gradients");
    long position = 0;
    try (NDManager part = step.newSubManager()) {
      NDList drawn = new NDList();
      for (NDArray value : round.values()) {
        float[] normals = new float[Math.toIntExact(value.size())];
        random.addNormals(position, (float) (noise * bound / batch), normals, normals.length);
        position += normals.length;
        drawn.add(part.create(normals, value.getShape()));
      }
      sum.add(part, 1, drawn);
    }
  }
}
