package fedllm.trainers;

import fedllm.api.plugin.Options;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import java.util.List;

/**
 * Linear regression of many clients whose answers lie in one subspace (FedRep's setting): client
 * i's is {@code B* θ_i}, its loss {@code |B h - B* θ_i|² / 2} over the body B, [WIDTH, RANK], and
 * its head h.
 */
public record Subspace(int steps, double rate) implements Trainer {

  /** Rows of B. */
  public static final int WIDTH = 12;

  /** Columns of B. */
  public static final int RANK = 2;

  private static final Schema SCHEMA =
      new Schema(
          List.of(
              new Tensor("body", "B", List.of((long) WIDTH, (long) RANK)),
              new Tensor("head", "h", List.of((long) RANK))));

  /** B*. */
  public static float[] truth() {
    return normals("", "B", WIDTH * RANK);
  }

  private static float[] answer(String client) {
    float[] theta = normals(client, "theta", RANK);
    float[] truth = truth();
    float[] answer = new float[WIDTH];
    for (int i = 0; i < WIDTH; i++) {
      for (int k = 0; k < RANK; k++) {
        answer[i] += truth[i * RANK + k] * theta[k];
      }
    }
    return answer;
  }

  private static float[] normals(String client, String purpose, int count) {
    float[] normals = new float[count];
    Philox.of(6, 0, client, 0, purpose).addNormals(0, 0.6f, normals, count);
    return normals;
  }

  @Override
  public Training open(Options options, Site site) {
    float[] answer = answer(site.scope().client());
    Tensors first =
        new Tensors(
            SCHEMA,
            List.of(normals("", "first body", WIDTH * RANK), normals("", "first head", RANK)));
    return new Analytic(
        first,
        steps,
        rate,
        (at, gradient) -> {
          float[] b = at.values(0);
          float[] h = at.values(1);
          float[] ofB = gradient.values(0);
          float[] ofH = gradient.values(1);
          java.util.Arrays.fill(ofH, 0);
          for (int i = 0; i < WIDTH; i++) {
            float off = -answer[i];
            for (int k = 0; k < RANK; k++) {
              off += b[i * RANK + k] * h[k];
            }
            for (int k = 0; k < RANK; k++) {
              ofB[i * RANK + k] = off * h[k];
              ofH[k] += off * b[i * RANK + k];
            }
          }
        });
  }

  /** The sine of the largest angle between what the columns of a body span and of the truth. */
  public static double angle(float[] body) {
    double[][] found = orthonormal(body);
    double[][] truth = orthonormal(truth());
    // |(I - Q Qᵀ) Q*|, Frobenius, which bounds the spectral norm from above.
    double sum = 0;
    for (double[] t : truth) {
      double[] rest = t.clone();
      for (double[] q : found) {
        double along = dot(q, t);
        for (int i = 0; i < WIDTH; i++) {
          rest[i] -= along * q[i];
        }
      }
      sum += dot(rest, rest);
    }
    return Math.sqrt(sum);
  }

  private static double[][] orthonormal(float[] columns) {
    double[][] q = new double[RANK][WIDTH];
    for (int k = 0; k < RANK; k++) {
      for (int i = 0; i < WIDTH; i++) {
        q[k][i] = columns[i * RANK + k];
      }
      for (int j = 0; j < k; j++) {
        double along = dot(q[j], q[k]);
        for (int i = 0; i < WIDTH; i++) {
          q[k][i] -= along * q[j][i];
        }
      }
      double norm = Math.sqrt(dot(q[k], q[k]));
      for (int i = 0; i < WIDTH; i++) {
        q[k][i] /= norm;
      }
    }
    return q;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
