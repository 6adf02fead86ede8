package fedllm.trainers.fwdllm;

import fedllm.api.tensor.Tensors;
import fedllm.learning.seeds.Direction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Where the global state went last, which is against the gradient that moved it.
 *
 * @param went the state before less the state now; null where it has not moved yet
 */
record Bearing(Tensors went) {

  static final Bearing NONE = new Bearing(null);

  private static final int BLOCK = 1 << 12;

  /**
   * Some directions, in the order of their numbers: the first, or the nearest of some times as
   * many.
   */
  List<Direction> nearest(int count, int times, IntFunction<Direction> numbered) {
    int[] chosen = IntStream.range(0, count).toArray();
    if (went != null && times > 1) {
      double[] cosines =
          IntStream.range(0, count * times).mapToDouble(i -> cosine(numbered.apply(i))).toArray();
      chosen =
          IntStream.range(0, cosines.length)
              .boxed()
              .sorted(Comparator.comparingDouble((Integer i) -> -cosines[i]))
              .limit(count)
              .mapToInt(i -> i)
              .sorted()
              .toArray();
    }
    List<Direction> directions = new ArrayList<>();
    Arrays.stream(chosen).forEach(i -> directions.add(numbered.apply(i)));
    return directions;
  }

  /** The cosine between a direction and where the state went, but for the latter's length. */
  double cosine(Direction v) {
    double product = 0;
    double squares = 0;
    float[] block = new float[BLOCK];
    long position = 0;
    for (int t = 0; t < went.schema().tensors().size(); t++) {
      float[] values = went.values(t);
      for (int from = 0; from < values.length; from += BLOCK) {
        int count = Math.min(BLOCK, values.length - from);
        Arrays.fill(block, 0, count, 0);
        v.add(position, 1, block, count);
        position += count;
        for (int i = 0; i < count; i++) {
          product += (double) block[i] * values[from + i];
          squares += (double) block[i] * block[i];
        }
      }
    }
    return product / Math.sqrt(squares);
  }
}
