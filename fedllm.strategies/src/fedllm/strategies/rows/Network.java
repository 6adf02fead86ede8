package fedllm.strategies.rows;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Steps that move the smallest and the largest of some rows' values to the outer rows: Batcher's
 * odd-even merge sort, in Knuth's form for any number of rows (The Art of Computer Programming,
 * volume 3, 5.2.2, algorithm M), less the steps on which the set of middle values does not depend.
 */
final class Network {

  /**
   * Leaves the smaller of two rows' values in the first and the larger in the second.
   *
   * @param smaller the row of the smaller values
   * @param larger the row of the larger ones
   * @param keepsSmaller whether anybody reads the smaller ones afterwards
   * @param keepsLarger whether anybody reads the larger ones afterwards
   */
  record Step(int smaller, int larger, boolean keepsSmaller, boolean keepsLarger) {}

  private enum Place {
    BELOW,
    MIDDLE,
    ABOVE
  }

  private Network() {}

  /** After these steps the rows from {@code trim} to {@code rows - trim} hold the middle values. */
  static List<Step> of(int rows, int trim) {
    Deque<Step> all = new ArrayDeque<>();
    for (int p = Integer.highestOneBit(Math.max(1, rows - 1)); p > 0; p /= 2) {
      int q = Integer.highestOneBit(Math.max(1, rows - 1));
      int r = 0;
      int distance = p;
      while (true) {
        for (int i = 0; i + distance < rows; i++) {
          if ((i & p) == r) {
            all.push(new Step(i, i + distance, true, true)); // the last one first
          }
        }
        if (q == p) {
          break;
        }
        distance = q - p;
        q /= 2;
        r = p;
      }
    }
    return pruned(all, rows, trim);
  }

  /** Goes backwards over the steps and leaves out whatever nobody reads. */
  private static List<Step> pruned(Deque<Step> lastFirst, int rows, int trim) {
    Place[] places = new Place[rows];
    for (int i = 0; i < rows; i++) {
      places[i] = i < trim ? Place.BELOW : i < rows - trim ? Place.MIDDLE : Place.ABOVE;
    }
    boolean[] read = new boolean[rows]; // by a later step
    Deque<Step> kept = new ArrayDeque<>();
    for (Step step : lastFirst) {
      int a = step.smaller();
      int b = step.larger();
      boolean keepsSmaller = read[a] || places[a] == Place.MIDDLE;
      boolean keepsLarger = read[b] || places[b] == Place.MIDDLE;
      boolean sameFate = !read[a] && !read[b] && places[a] == places[b];
      if (!sameFate && (keepsSmaller || keepsLarger)) {
        kept.push(new Step(a, b, keepsSmaller, keepsLarger));
        read[a] = true;
        read[b] = true;
      }
    }
    return List.copyOf(kept);
  }
}
