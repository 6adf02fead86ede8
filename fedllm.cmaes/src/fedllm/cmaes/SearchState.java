package fedllm.cmaes;

import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import java.util.List;

/**
 * A search as tensors of a global state, of one module that the exported adapter leaves out.
 *
 * <p>mean [d], covariance [d (d + 1) / 2] by rows of its lower triangle, its two paths [d], sigma
 * and generation [1], and the losses of the best solutions of the last round [n], none before: n is
 * how many a client sends.
 *
 * @param dimension d
 * @param population n
 */
public record SearchState(int dimension, int population) {

  /** The module. */
  public static final String MODULE = "fedllm.search";

  /** That of a global state's schema, which has it. */
  public static SearchState of(Schema state) {
    return new SearchState(size(state, "mean"), size(state, "best"));
  }

  private static int size(Schema state, String name) {
    Tensor tensor = state.tensors().get(state.indexOf(MODULE + "." + name));
    return Math.toIntExact(tensor.size());
  }

  /** Its tensors, in order. */
  public List<Tensor> tensors() {
    long triangle = (long) dimension * (dimension + 1) / 2;
    return List.of(
        tensor("mean", dimension),
        tensor("covariance", triangle),
        tensor("sigmaPath", dimension),
        tensor("covariancePath", dimension),
        tensor("sigma", 1),
        tensor("generation", 1),
        tensor("best", population));
  }

  private static Tensor tensor(String name, long size) {
    return new Tensor(MODULE, name, List.of(size));
  }

  /** The search, of the values of all tensors one after the other. */
  public CmaEs read(float[] values) {
    double[] mean = new double[dimension];
    double[][] covariance = new double[dimension][dimension];
    double[] sigmaPath = new double[dimension];
    double[] covariancePath = new double[dimension];
    int at = read(values, 0, mean);
    for (int i = 0; i < dimension; i++) {
      for (int j = 0; j <= i; j++) {
        covariance[i][j] = values[at++];
        covariance[j][i] = covariance[i][j];
      }
    }
    at = read(values, at, sigmaPath);
    at = read(values, at, covariancePath);
    return new CmaEs(mean, values[at], covariance, sigmaPath, covariancePath, (int) values[at + 1]);
  }

  private static int read(float[] values, int from, double[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] = values[from + i];
    }
    return from + to.length;
  }

  /**
   * Writes the search.
   *
   * @param best losses, best first; as many as there is room for
   */
  public void write(CmaEs search, double[] best, float[] values) {
    int at = write(search.mean(), values, 0);
    for (int i = 0; i < dimension; i++) {
      for (int j = 0; j <= i; j++) {
        values[at++] = (float) search.covariance()[i][j];
      }
    }
    at = write(search.sigmaPath(), values, at);
    at = write(search.covariancePath(), values, at);
    values[at++] = (float) search.sigma();
    values[at++] = search.generation();
    for (int k = 0; k < population; k++) {
      values[at++] = k < best.length ? (float) best[k] : 0;
    }
  }

  private static int write(double[] from, float[] values, int to) {
    for (int i = 0; i < from.length; i++) {
      values[to + i] = (float) from[i];
    }
    return to + from.length;
  }
}
