package fedllm.strategies.factors;

import java.util.ArrayList;
import java.util.List;

/**
 * The QR decomposition of a matrix with many rows and few columns, by Householder's reflections,
 * some rows at a time: each block of rows is folded into the triangle of those before it, so that
 * what is worked on stays in the processor's cache. One thread.
 *
 * <p>Q's columns are orthonormal also where the matrix has less than full rank.
 */
final class ThinQr {

  /** Rows in a block, unless the first one needs more to make a triangle. */
  private static final int ROWS = 192;

  private final int columns;
  private final boolean keeps;
  private final List<Block> blocks = new ArrayList<>();
  private double[][] triangle;

  /**
   * Rows that were reflected together.
   *
   * @param rows reflection j's vector stands in column j, without its 1 at the pivot
   * @param scales of the reflections
   */
  private record Block(double[][] rows, double[] scales) {}

  /** Of all rows, which are taken over. */
  static ThinQr keeping(double[][] matrix) {
    return of(matrix, true);
  }

  /** R alone; the rows stay as they are. */
  static double[][] triangle(double[][] matrix) {
    return of(matrix, false).triangle();
  }

  private static ThinQr of(double[][] matrix, boolean keeps) {
    ThinQr qr = new ThinQr(matrix[0].length, keeps);
    int first = Math.min(matrix.length, Math.max(ROWS, qr.columns));
    qr.first(qr.slice(matrix, 0, first));
    for (int from = first; from < matrix.length; from += ROWS) {
      qr.next(qr.slice(matrix, from, Math.min(matrix.length, from + ROWS)));
    }
    return qr;
  }

  private ThinQr(int columns, boolean keeps) {
    this.columns = columns;
    this.keeps = keeps;
  }

  private double[][] slice(double[][] matrix, int from, int to) {
    double[][] rows = new double[to - from][];
    for (int i = from; i < to; i++) {
      rows[i - from] = keeps ? matrix[i] : matrix[i].clone();
    }
    return rows;
  }

  /** R: upper triangular, with as many rows as the smaller of the matrix's sides. */
  double[][] triangle() {
    return triangle;
  }

  private void first(double[][] rows) {
    int reflections = Math.min(rows.length, columns);
    double[] scales = new double[reflections];
    double[] w = new double[columns];
    for (int j = 0; j < reflections; j++) {
      scales[j] = reflect(rows[j], rows, j + 1, j, w);
    }
    triangle = new double[reflections][columns];
    for (int j = 0; j < reflections; j++) {
      System.arraycopy(rows[j], j, triangle[j], j, columns - j);
    }
    keep(rows, scales);
  }

  private void next(double[][] rows) {
    double[] scales = new double[columns];
    double[] w = new double[columns];
    for (int j = 0; j < columns; j++) {
      scales[j] = reflect(triangle[j], rows, 0, j, w);
    }
    keep(rows, scales);
  }

  private void keep(double[][] rows, double[] scales) {
    if (keeps) {
      blocks.add(new Block(rows, scales));
    }
  }

  /**
   * Reflects column j of {@code pivot} and of {@code rows[from..]} onto the pivot, and leaves the
   * vector in the rows; answers its scale.
   */
  private double reflect(double[] pivot, double[][] rows, int from, int j, double[] w) {
    double squares = 0;
    for (int i = from; i < rows.length; i++) {
      squares += rows[i][j] * rows[i][j];
    }
    if (squares == 0) {
      return 0;
    }
    double alpha = pivot[j];
    double beta = -Math.copySign(Math.sqrt(alpha * alpha + squares), alpha);
    double scale = (beta - alpha) / beta;
    double[] v = new double[rows.length];
    for (int i = from; i < rows.length; i++) {
      v[i] = rows[i][j] / (alpha - beta);
      rows[i][j] = v[i];
    }
    pivot[j] = beta;
    apply(v, scale, pivot, rows, from, j + 1, columns, w);
    return scale;
  }

  /**
   * Subtracts {@code scale v v'} times columns {@code low..high} of a matrix from it; the vector is
   * 1 at the pivot.
   */
  private static void apply(
      double[] v,
      double scale,
      double[] pivot,
      double[][] rows,
      int from,
      int low,
      int high,
      double[] w) {
    System.arraycopy(pivot, low, w, low, high - low);
    int i = from;
    for (; i + 3 < rows.length; i += 4) {
      gather(w, v, i, rows[i], rows[i + 1], rows[i + 2], rows[i + 3], low, high);
    }
    for (; i < rows.length; i++) {
      add(w, v[i], rows[i], low, high);
    }
    for (int c = low; c < high; c++) {
      w[c] *= scale;
      pivot[c] -= w[c];
    }
    for (i = from; i < rows.length; i++) {
      add(rows[i], -v[i], w, low, high);
    }
  }

  /** Four rows at a time: w is loaded and stored once for all of them. */
  private static void gather(
      double[] w,
      double[] v,
      int i,
      double[] a,
      double[] b,
      double[] c,
      double[] d,
      int low,
      int high) {
    double p = v[i];
    double q = v[i + 1];
    double r = v[i + 2];
    double s = v[i + 3];
    for (int k = low; k < high; k++) {
      w[k] += (p * a[k] + q * b[k]) + (r * c[k] + s * d[k]);
    }
  }

  /** Adds {@code factor} times some places of a row. */
  static void add(double[] to, double factor, double[] row, int low, int high) {
    for (int k = low; k < high; k++) {
      to[k] += factor * row[k];
    }
  }

  /** Q times a matrix of as many rows as the triangle has. */
  double[][] times(double[][] x) {
    int width = x[0].length;
    double[][] top = new double[x.length][];
    for (int j = 0; j < x.length; j++) {
      top[j] = x[j].clone();
    }
    double[] w = new double[width];
    double[][][] parts = new double[blocks.size()][][];
    for (int b = blocks.size() - 1; b >= 0; b--) {
      Block block = blocks.get(b);
      double[][] out = new double[block.rows.length][];
      for (int i = 0; i < out.length; i++) {
        out[i] = b == 0 && i < top.length ? top[i] : new double[width];
      }
      double[] v = new double[out.length];
      for (int j = block.scales.length - 1; j >= 0; j--) {
        int from = b == 0 ? j + 1 : 0;
        for (int i = from; i < v.length; i++) {
          v[i] = block.rows[i][j];
        }
        apply(v, block.scales[j], top[j], out, from, 0, width, w);
      }
      parts[b] = out;
    }
    List<double[]> all = new ArrayList<>();
    for (double[][] part : parts) {
      all.addAll(List.of(part));
    }
    return all.toArray(double[][]::new);
  }
}
