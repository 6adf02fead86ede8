package fedllm.strategies.fedbpt;

import fedllm.api.tensor.Tensor;
import java.util.List;

/**
 * What all clients tried.
 *
 * @param solutions of all, in client order
 * @param losses of each
 * @param spread how far solutions are from where all clients began: one deviation
 * @param last root mean square of the σ by which they were drawn
 */
record Pool(double[][] solutions, double[] losses, double spread, double last) {

  /**
   * Reads it.
   *
   * @param tensors solutions [n, d], losses [n], and spread [2 m]: of each client its spread² and
   *     σ²
   * @param values of the tensors, one after the other
   */
  static Pool read(List<Tensor> tensors, float[] values) {
    int count = Math.toIntExact(tensors.get(1).size());
    int dimension = Math.toIntExact(tensors.get(0).size() / count);
    int clients = Math.toIntExact(tensors.get(2).size() / 2);
    double[][] solutions = new double[count][dimension];
    double[] losses = new double[count];
    int at = 0;
    for (double[] solution : solutions) {
      for (int i = 0; i < dimension; i++) {
        solution[i] = values[at++];
      }
    }
    for (int k = 0; k < count; k++) {
      losses[k] = values[at++];
    }
    double spread = 0;
    double last = 0;
    for (int k = 0; k < clients; k++) {
      spread += values[at++] / clients;
      last += values[at++] / clients;
    }
    return new Pool(solutions, losses, Math.sqrt(spread), Math.sqrt(last));
  }
}
