package fedllm.strategies.rows;

import fedllm.api.tensor.Block;
import java.util.List;

/**
 * The mean of what is left of each column when its smallest and its largest values are taken away.
 * Every step of the network is one loop over a short run of columns, which compilers make vector
 * code of. One thread.
 */
public final class Middle {

  private static final int LONGEST_RUN = 1024;
  private static final int SHORTEST_RUN = 128;

  /** Values of a run, in all rows together, so that they stay in the processor's own cache. */
  private static final int RUN_VALUES = 1 << 18;

  private final int trim;
  private final List<Network.Step> steps;
  private final float[][] sorted;
  private final float[][] now;
  private final int run;

  /**
   * Of so many rows.
   *
   * @param trim how many of the smallest, and of the largest, do not count; less than half of them
   */
  public Middle(int rows, int trim) {
    this.trim = trim;
    steps = Network.of(rows, trim);
    sorted = new float[rows][0];
    now = new float[rows][];
    run = Math.min(LONGEST_RUN, Math.max(SHORTEST_RUN, RUN_VALUES / rows));
  }

  /** Adds the mean of each column's middle to {@code out}; the rows stay as they are. */
  public void addTo(Block out, float[][] rows) {
    for (int from = 0; from < out.length(); from += run) {
      int to = Math.min(out.length(), from + run);
      System.arraycopy(rows, 0, now, 0, now.length);
      for (Network.Step step : steps) {
        take(step, from, to);
      }
      double weight = 1.0 / (now.length - 2 * trim);
      for (int i = trim; i < now.length - trim; i++) {
        out.add(weight, now[i], from, to);
      }
    }
  }

  private void take(Network.Step step, int from, int to) {
    float[] a = now[step.smaller()];
    float[] b = now[step.larger()];
    if (step.keepsSmaller()) {
      now[step.smaller()] = own(step.smaller(), to);
    }
    if (step.keepsLarger()) {
      now[step.larger()] = own(step.larger(), to);
    }
    if (!step.keepsLarger()) {
      smaller(a, b, now[step.smaller()], from, to);
    } else if (!step.keepsSmaller()) {
      larger(a, b, now[step.larger()], from, to);
    } else {
      both(a, b, now[step.smaller()], now[step.larger()], from, to);
    }
  }

  private float[] own(int row, int length) {
    if (sorted[row].length < length) {
      sorted[row] = new float[Math.max(length, 2 * sorted[row].length)];
    }
    return sorted[row];
  }

  // One index for all, or there would be no vector code.

  private static void both(float[] a, float[] b, float[] small, float[] large, int from, int to) {
    for (int i = from; i < to; i++) {
      float x = a[i];
      float y = b[i];
      small[i] = Math.min(x, y);
      large[i] = Math.max(x, y);
    }
  }

  private static void smaller(float[] a, float[] b, float[] small, int from, int to) {
    for (int i = from; i < to; i++) {
      small[i] = Math.min(a[i], b[i]);
    }
  }

  private static void larger(float[] a, float[] b, float[] large, int from, int to) {
    for (int i = from; i < to; i++) {
      large[i] = Math.max(a[i], b[i]);
    }
  }
}
