package fedllm.cmaes;

import fedllm.api.random.Philox;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.EigenDecompositionSymmetric;
import org.hipparchus.linear.RealMatrix;

/**
 * Evolution by covariance matrix adaptation (Hansen, arXiv:1604.00772), in steps that a caller
 * takes: {@link #ask} for solutions, {@link #tell} how large their losses are. Who tells need not
 * have asked, and may tell of as many as there are.
 *
 * <pre>
 * x = m + σ C^1/2 z    y = (x - m) / σ    m' = m + σ Σ w y    over the best, by falling weights w
 * </pre>
 *
 * <p>Constants are the tutorial's, for as many solutions as are told. One thread.
 */
public final class CmaEs {

  private final int dimension;
  private final double[] mean;
  private final double[][] covariance; // symmetric
  private final double[] sigmaPath;
  private final double[] covariancePath;
  private double sigma;
  private int generation;

  /** C^1/2 = axes diag(lengths), of a covariance that is older by some generations. */
  private RealMatrix axes;

  private double[] lengths;
  private int decomposed;

  /** At the beginning: C = 1. */
  public CmaEs(double[] mean, double sigma) {
    this(mean, sigma, unit(mean.length), new double[mean.length], new double[mean.length], 0);
  }

  /** Somewhere on its way; arrays are copied. */
  public CmaEs(
      double[] mean,
      double sigma,
      double[][] covariance,
      double[] sigmaPath,
      double[] covariancePath,
      int generation) {
    if (!(sigma > 0)) {
      throw new IllegalArgumentException("sigma is " + sigma + ", but has to be above 0");
    }
    this.dimension = mean.length;
    this.mean = mean.clone();
    this.sigma = sigma;
    this.covariance = Arrays.stream(covariance).map(double[]::clone).toArray(double[][]::new);
    this.sigmaPath = sigmaPath.clone();
    this.covariancePath = covariancePath.clone();
    this.generation = generation;
  }

  private static double[][] unit(int n) {
    double[][] unit = new double[n][n];
    for (int i = 0; i < n; i++) {
      unit[i][i] = 1;
    }
    return unit;
  }

  /** m; the array itself. */
  public double[] mean() {
    return mean;
  }

  /** σ. */
  public double sigma() {
    return sigma;
  }

  /** Sets σ, which others' steps may have changed. */
  public void sigma(double newSigma) {
    sigma = newSigma;
  }

  /** C; the array itself. */
  public double[][] covariance() {
    return covariance;
  }

  /** The path that σ follows; the array itself. */
  public double[] sigmaPath() {
    return sigmaPath;
  }

  /** The path that C follows; the array itself. */
  public double[] covariancePath() {
    return covariancePath;
  }

  /** How often it was told. */
  public int generation() {
    return generation;
  }

  /** Some solutions, from the stream's first position on. */
  public double[][] ask(int count, Philox random) {
    decompose();
    double[][] solutions = new double[count][];
    float[] z = new float[dimension];
    double[] stretched = new double[dimension];
    for (int k = 0; k < count; k++) {
      Arrays.fill(z, 0);
      random.addNormals((long) k * dimension, 1, z, dimension);
      for (int i = 0; i < dimension; i++) {
        stretched[i] = lengths[i] * z[i];
      }
      double[] x = axes.operate(stretched);
      for (int i = 0; i < dimension; i++) {
        x[i] = mean[i] + sigma * x[i];
      }
      solutions[k] = x;
    }
    return solutions;
  }

  /** Takes the better half as parents. */
  public void tell(double[][] solutions, double[] losses) {
    tell(solutions, losses, Math.max(1, solutions.length / 2));
  }

  /**
   * Moves by the best of some solutions.
   *
   * @param losses of each; a lower one is better, of equal ones the first
   * @param parents how many count
   */
  public void tell(double[][] solutions, double[] losses, int parents) {
    decompose();
    double[] w = weights(parents);
    double mass = 1 / Arrays.stream(w).map(x -> x * x).sum(); // of parents, by their weights
    double n = dimension;
    double forSigma = (mass + 2) / (n + mass + 5);
    double damping = 1 + 2 * Math.max(0, Math.sqrt((mass - 1) / (n + 1)) - 1) + forSigma;
    double forPath = (4 + mass / n) / (n + 4 + 2 * mass / n);
    double rankOne = 2 / ((n + 1.3) * (n + 1.3) + mass);
    double rankMany = Math.min(1 - rankOne, 2 * (mass - 2 + 1 / mass) / ((n + 2) * (n + 2) + mass));
    double usual = Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)); // length of a normal z

    double[][] y = new double[parents][dimension];
    double[] step = new double[dimension];
    int[] order = order(losses);
    for (int k = 0; k < parents; k++) {
      double[] x = solutions[order[k]];
      for (int i = 0; i < dimension; i++) {
        y[k][i] = (x[i] - mean[i]) / sigma;
        step[i] += w[k] * y[k][i];
      }
    }
    double[] upright = upright(step);
    generation++;
    double enters = Math.sqrt(forSigma * (2 - forSigma) * mass);
    for (int i = 0; i < dimension; i++) {
      mean[i] += sigma * step[i];
      sigmaPath[i] = (1 - forSigma) * sigmaPath[i] + enters * upright[i];
    }
    double length = norm(sigmaPath);
    double grown = 1 - StrictMath.pow(1 - forSigma, 2.0 * generation);
    boolean goes = length / Math.sqrt(grown) < (1.4 + 2 / (n + 1)) * usual;
    double joins = goes ? Math.sqrt(forPath * (2 - forPath) * mass) : 0;
    for (int i = 0; i < dimension; i++) {
      covariancePath[i] = (1 - forPath) * covariancePath[i] + joins * step[i];
    }
    double lost = goes ? 0 : rankOne * forPath * (2 - forPath); // made up for a path that stands
    adapt(y, w, rankOne, rankMany, 1 - rankOne - rankMany + lost);
    sigma *= StrictMath.exp(forSigma / damping * (length / usual - 1));
  }

  private void adapt(double[][] y, double[] w, double rankOne, double rankMany, double keeps) {
    for (int i = 0; i < dimension; i++) {
      for (int j = 0; j <= i; j++) {
        double c = keeps * covariance[i][j] + rankOne * covariancePath[i] * covariancePath[j];
        for (int k = 0; k < w.length; k++) {
          c += rankMany * w[k] * y[k][i] * y[k][j];
        }
        covariance[i][j] = c;
        covariance[j][i] = c;
      }
    }
    double gap = 1 / ((rankOne + rankMany) * dimension * 10);
    if (generation - decomposed > gap) {
      axes = null;
    }
  }

  private static double[] weights(int parents) {
    double[] w = new double[parents];
    double sum = 0;
    for (int k = 0; k < parents; k++) {
      w[k] = StrictMath.log(parents + 0.5) - StrictMath.log(k + 1);
      sum += w[k];
    }
    for (int k = 0; k < parents; k++) {
      w[k] /= sum;
    }
    return w;
  }

  private static int[] order(double[] losses) {
    return IntStream.range(0, losses.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer k) -> losses[k]))
        .mapToInt(k -> k)
        .toArray();
  }

  /** C^-1/2 of a step: what it was before it was stretched. */
  private double[] upright(double[] step) {
    double[] along = axes.preMultiply(step);
    for (int i = 0; i < dimension; i++) {
      along[i] /= lengths[i];
    }
    return axes.operate(along);
  }

  /** Anew only now and then: it takes the cube of the dimension, and C changes slowly. */
  private void decompose() {
    if (axes != null) {
      return;
    }
    decomposed = generation;
    EigenDecompositionSymmetric eigen =
        new EigenDecompositionSymmetric(new Array2DRowRealMatrix(covariance, false));
    axes = eigen.getV();
    double[] squares = eigen.getEigenvalues();
    double largest = Arrays.stream(squares).max().orElse(1);
    lengths = new double[dimension];
    for (int i = 0; i < dimension; i++) { // what rounding made of zero is not
      lengths[i] = Math.sqrt(Math.max(squares[i], 1e-14 * largest));
    }
  }

  private static double norm(double[] vector) {
    double squares = 0;
    for (double x : vector) {
      squares += x * x;
    }
    return Math.sqrt(squares);
  }
}
