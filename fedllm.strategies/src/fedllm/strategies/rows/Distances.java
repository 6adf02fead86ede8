package fedllm.strategies.rows;

import java.util.Arrays;

/**
 * Squared Euclidean distances between all members' updates, added up unit by unit. Differences are
 * squared, not products subtracted: updates of honest clients are alike, and of a Gram matrix's
 * difference few digits would be left. Squares are floats, 256 sums a pair, and their sum is a
 * double: relative error some 1e-6; a difference above 1.8e19 makes a distance infinite. One
 * thread.
 */
public final class Distances {

  private static final int LANES = 256;

  /** Pieces of {@link #LANES} columns that one loop goes over. */
  private static final int STRIDE = 4;

  /** With more members the sums of all pairs do not fit the processor's own cache. */
  private static final int FEW = 64;

  private final int members;
  private final boolean few;
  private final float[][][] tile;
  private final float[][] lanes;
  private final double[] sums;

  /** Between so many members. */
  public Distances(int members) {
    this.members = members;
    few = members <= FEW;
    tile = new float[members][few ? STRIDE : 4 * STRIDE][LANES];
    sums = new double[members * (members - 1) / 2];
    lanes = new float[few ? sums.length : Math.min(1, sums.length)][LANES];
  }

  /** Adds what the members' values {@code [0..length)} of one unit are apart. */
  public void add(float[][] rows, int length) {
    int columns = tile[0].length * LANES;
    for (int at = 0; at < length; at += columns) {
      for (int i = 0; i < members; i++) {
        load(rows[i], at, Math.min(length, at + columns), tile[i]);
      }
      int pair = 0;
      for (int i = 1; i < members; i++) {
        for (int j = 0; j < i; j++, pair++) {
          float[] sum = lanes[few ? pair : 0];
          add(tile[i], tile[j], sum);
          if (!few) {
            drain(sum, pair);
          }
        }
      }
    }
    for (int pair = 0; few && pair < sums.length; pair++) {
      drain(lanes[pair], pair);
    }
  }

  /** Between two members, as far as units were added. */
  public double squared(int i, int j) {
    int larger = Math.max(i, j);
    return i == j ? 0 : sums[larger * (larger - 1) / 2 + Math.min(i, j)];
  }

  /** Cuts values into pieces that one index goes over, with zeros behind the last. */
  private static void load(float[] values, int from, int to, float[][] pieces) {
    int at = from;
    for (float[] piece : pieces) {
      int n = Math.min(LANES, to - at);
      System.arraycopy(values, at, piece, 0, n);
      Arrays.fill(piece, n, LANES, 0);
      at += n;
    }
  }

  private static void add(float[][] a, float[][] b, float[] sum) {
    for (int k = 0; k < a.length; k += STRIDE) {
      add(a[k], a[k + 1], a[k + 2], a[k + 3], b[k], b[k + 1], b[k + 2], b[k + 3], sum);
    }
  }

  /** Four differences for each load and store of a sum. */
  private static void add(
      float[] a,
      float[] b,
      float[] c,
      float[] d,
      float[] p,
      float[] q,
      float[] r,
      float[] s,
      float[] sum) {
    for (int i = 0; i < LANES; i++) {
      float w = a[i] - p[i];
      float x = b[i] - q[i];
      float y = c[i] - r[i];
      float z = d[i] - s[i];
      sum[i] = Math.fma(w, w, Math.fma(x, x, Math.fma(y, y, Math.fma(z, z, sum[i]))));
    }
  }

  private void drain(float[] lane, int pair) {
    double even = 0;
    double odd = 0;
    for (int i = 0; i < LANES; i += 2) {
      even += lane[i];
      odd += lane[i + 1];
    }
    sums[pair] += even + odd;
    Arrays.fill(lane, 0);
  }
}
