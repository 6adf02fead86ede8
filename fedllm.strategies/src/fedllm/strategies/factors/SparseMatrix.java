package fedllm.strategies.factors;

import fedllm.api.random.Philox;
import java.util.Arrays;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.SingularValueDecomposition;

/**
 * A matrix that is zero but at some places, and its largest singular values: by iterating on a few
 * more vectors than are wanted, {@code Q = qr(W' qr(W Q))}, until they catch no more of the matrix.
 * All in 64 bits; work grows with the values that are there. One thread.
 */
public final class SparseMatrix {

  /** Vectors beyond those that are wanted: the more, the fewer steps. */
  private static final int MORE = 16;

  private static final int MOST_STEPS = 500;

  /** How much more a step has to catch to be worth another one, as a share. */
  private static final double ENOUGH = 1e-14;

  private final int out;
  private final int in;
  private final int[] places;
  private final double[] values;

  /** Values at {@code row * in + column}; both arrays are kept. */
  public SparseMatrix(int out, int in, int[] places, double[] values) {
    this.out = out;
    this.in = in;
    this.places = places;
    this.values = values;
  }

  /**
   * The nearest matrix of a rank.
   *
   * @param u [out][rank], its columns orthonormal
   * @param singular [rank], largest first
   * @param v [rank][in], its rows orthonormal
   */
  public record Cut(double[][] u, double[] singular, double[][] v) {}

  /**
   * Cuts the matrix to a rank.
   *
   * @param rank at most the smaller of out and in
   * @param random where to start
   */
  public Cut cut(int rank, Philox random) {
    int width = Math.min(rank + MORE, Math.min(out, in));
    double[][] right = orthonormal(normals(width, random));
    double caught = -1;
    for (int step = 1; ; step++) {
      double[][] left = orthonormal(times(right));
      double[][] core = transposedTimes(left);
      double now =
          Arrays.stream(decomposed(ThinQr.triangle(core)).getSingularValues())
              .limit(rank)
              .map(s -> s * s)
              .sum();
      if (now - caught <= ENOUGH * now || width == Math.min(out, in) || step == MOST_STEPS) {
        return cut(rank, left, core);
      }
      caught = now;
      right = orthonormal(core);
    }
  }

  /** On the vectors Q that were found {@code W = Q core'}, and {@code core = X R, R = Y S Z'}. */
  private static Cut cut(int rank, double[][] left, double[][] core) {
    int width = left[0].length;
    ThinQr qr = ThinQr.keeping(core);
    SingularValueDecomposition small = decomposed(qr.triangle());
    double[][] y = small.getU().getSubMatrix(0, width - 1, 0, rank - 1).getData();
    double[][] z = small.getV().getSubMatrix(0, width - 1, 0, rank - 1).getData();
    return new Cut(
        ProductSum.times(left, z),
        Arrays.copyOf(small.getSingularValues(), rank),
        ProductSum.transposed(qr.times(y)));
  }

  private static SingularValueDecomposition decomposed(double[][] square) {
    return new SingularValueDecomposition(new Array2DRowRealMatrix(square, false));
  }

  private double[][] normals(int width, Philox random) {
    float[] drawn = new float[Math.multiplyExact(in, width)];
    random.addNormals(0, 1, drawn, drawn.length);
    double[][] normals = new double[in][width];
    for (int i = 0; i < drawn.length; i++) {
      normals[i / width][i % width] = drawn[i];
    }
    return normals;
  }

  /** An orthonormal basis of the columns; the rows are used up. */
  private static double[][] orthonormal(double[][] matrix) {
    int width = matrix[0].length;
    double[][] one = new double[width][width];
    for (int i = 0; i < width; i++) {
      one[i][i] = 1;
    }
    return ThinQr.keeping(matrix).times(one);
  }

  private double[][] times(double[][] x) {
    double[][] product = new double[out][x[0].length];
    for (int k = 0; k < places.length; k++) {
      ThinQr.add(product[places[k] / in], values[k], x[places[k] % in], 0, x[0].length);
    }
    return product;
  }

  private double[][] transposedTimes(double[][] x) {
    double[][] product = new double[in][x[0].length];
    for (int k = 0; k < places.length; k++) {
      ThinQr.add(product[places[k] % in], values[k], x[places[k] / in], 0, x[0].length);
    }
    return product;
  }
}
