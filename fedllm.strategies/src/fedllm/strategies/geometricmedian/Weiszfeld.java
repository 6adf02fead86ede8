package fedllm.strategies.geometricmedian;

import java.util.Arrays;

/**
 * Finds the weights of a mean that is the geometric median, from squared distances alone: for
 * {@code v = sum w_j u_j} with weights of sum 1 is {@code |v - u_i|^2 = sum_j w_j D_ij - sum_jk w_j
 * w_k D_jk / 2}.
 */
final class Weiszfeld {

  /** Squared distances. */
  interface Squared {
    double of(int i, int j);
  }

  private final double[] shares;
  private final int iterations;
  private final double smoothing;

  Weiszfeld(double[] shares, int iterations, double smoothing) {
    this.shares = shares.clone();
    this.iterations = iterations;
    this.smoothing = smoothing;
  }

  int members() {
    return shares.length;
  }

  /** A weight for each member; their sum is 1. */
  double[] weights(Squared squared) {
    double[] present = withoutInfinite(squared);
    double[] weights = normalised(present);
    for (int k = 0; k < iterations; k++) {
      double[] distances = distances(weights, squared);
      double[] next = new double[present.length];
      for (int i = 0; i < next.length; i++) {
        next[i] = present[i] / Math.max(smoothing, distances[i]);
      }
      weights = normalised(next);
    }
    return weights;
  }

  /** How far each member is from the mean by these weights; 0 for those without a weight. */
  static double[] distances(double[] weights, Squared squared) {
    int n = weights.length;
    double[] to = new double[n];
    double spread = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        if (weights[i] > 0 && weights[j] > 0) {
          to[i] += weights[j] * squared.of(i, j);
        }
      }
      spread += weights[i] * to[i];
    }
    for (int i = 0; i < n; i++) {
      to[i] = Math.sqrt(Math.max(0, to[i] - spread / 2));
    }
    return to;
  }

  /**
   * A distance that no float can hold the square of is a lie of somebody's: whoever is so far from
   * the most others draws no more, until all are finite.
   */
  private double[] withoutInfinite(Squared squared) {
    double[] present = shares.clone();
    while (true) {
      int worst = -1;
      long most = 0;
      for (int i = 0; i < present.length; i++) {
        long far = 0;
        for (int j = 0; j < present.length && present[i] > 0; j++) {
          far += present[j] > 0 && Double.isInfinite(squared.of(i, j)) ? 1 : 0;
        }
        if (far > most) {
          most = far;
          worst = i;
        }
      }
      if (worst < 0) {
        return present;
      }
      present[worst] = 0;
    }
  }

  private static double[] normalised(double[] values) {
    double sum = Arrays.stream(values).sum();
    return Arrays.stream(values).map(v -> v / sum).toArray();
  }
}
