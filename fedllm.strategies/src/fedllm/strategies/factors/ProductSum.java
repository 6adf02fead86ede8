package fedllm.strategies.factors;

import fedllm.api.random.Philox;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.SingularValueDecomposition;

/**
 * A sum of products {@code W = sum_k p_k B_k A_k}, kept as its stacked factors. {@link #cut} finds
 * {@code W = U S V'} without ever making the out x in matrix: with {@code A' = Q R} and {@code B =
 * Q2 R2} the singular values and V come from the small matrix {@code R2 R'}, and {@code U S = B R'
 * V}. All in 64 bits; {@code (out + in) (sum r_k)^2} work. One thread.
 */
public final class ProductSum {

  private final int out;
  private final int in;
  private final List<float[]> values = new ArrayList<>();
  private final List<Pair> pairs = new ArrayList<>();
  private final List<Double> weights = new ArrayList<>();

  /** Zero, of out x in. */
  public ProductSum(int out, int in) {
    this.out = out;
    this.in = in;
  }

  /** Adds {@code weight B A}; the values are kept, not copied. */
  public void add(double weight, Pair pair, float[] module) {
    if (pair.out() != out || pair.in() != in) {
      throw new IllegalArgumentException(pair + " is no product of " + out + " x " + in);
    }
    weights.add(weight);
    pairs.add(pair);
    values.add(module);
  }

  /** The ranks of all products together. */
  public int ranks() {
    return pairs.stream().mapToInt(Pair::rank).sum();
  }

  /**
   * The nearest product of a smaller rank.
   *
   * @param a V' of the largest singular values, [rank][in], its rows orthonormal
   * @param b U S of them, [out][rank]
   * @param singular all singular values of the sum that can be other than zero, largest first
   */
  public record Cut(double[][] a, double[][] b, double[] singular) {}

  /**
   * Cuts the sum to a rank; the rest of it is {@code sqrt(sum of the other singular values'
   * squares)} away, and nothing of that rank is nearer. Where the sum has less rank, further rows
   * of A are orthonormal to the others, and columns of B zero.
   *
   * @param rank at most the smaller of out and in
   * @param random says which further rows
   */
  public Cut cut(int rank, Philox random) {
    // With as many columns as ranks are wanted; those too many count for nothing in B.
    int columns = Math.max(rank, ranks());
    double[][] a = new double[in][columns];
    double[][] b = new double[out][columns];
    int from = 0;
    for (int k = 0; k < pairs.size(); k++) {
      fill(from, pairs.get(k), values.get(k), weights.get(k), a, b);
      from += pairs.get(k).rank();
    }
    fillUp(a, from, random);
    ThinQr qa = ThinQr.keeping(a);
    double[][] ra = qa.triangle();
    double[][] core = timesTransposed(ThinQr.triangle(b), ra);
    SingularValueDecomposition svd =
        new SingularValueDecomposition(new Array2DRowRealMatrix(core, false));
    double[][] v = svd.getV().getSubMatrix(0, ra.length - 1, 0, rank - 1).getData();
    return new Cut(
        transposed(qa.times(v)), times(b, times(transposed(ra), v)), svd.getSingularValues());
  }

  private static void fill(
      int from, Pair pair, float[] module, double weight, double[][] a, double[][] b) {
    int rank = pair.rank();
    for (int r = 0; r < rank; r++) {
      for (int i = 0; i < a.length; i++) {
        a[i][from + r] = module[pair.atA() + r * a.length + i];
      }
    }
    for (int o = 0; o < b.length; o++) {
      for (int r = 0; r < rank; r++) {
        b[o][from + r] = weight * module[pair.atB() + o * rank + r];
      }
    }
  }

  private static void fillUp(double[][] a, int from, Philox random) {
    int more = a[0].length - from;
    if (more > 0) {
      float[] normals = new float[Math.multiplyExact(a.length, more)];
      random.addNormals(0, 1, normals, normals.length);
      for (int i = 0; i < normals.length; i++) {
        a[i / more][from + i % more] = normals[i];
      }
    }
  }

  static double[][] times(double[][] x, double[][] y) {
    double[][] product = new double[x.length][y[0].length];
    for (int i = 0; i < x.length; i++) {
      for (int k = 0; k < y.length; k++) {
        ThinQr.add(product[i], x[i][k], y[k], 0, product[i].length);
      }
    }
    return product;
  }

  private static double[][] timesTransposed(double[][] x, double[][] y) {
    return times(x, transposed(y));
  }

  static double[][] transposed(double[][] x) {
    double[][] y = new double[x[0].length][x.length];
    for (int i = 0; i < x.length; i++) {
      for (int j = 0; j < y.length; j++) {
        y[j][i] = x[i][j];
      }
    }
    return y;
  }

  @Override
  public String toString() {
    return out
        + " x "
        + in
        + ", ranks "
        + Arrays.toString(pairs.stream().map(Pair::rank).toArray());
  }
}
