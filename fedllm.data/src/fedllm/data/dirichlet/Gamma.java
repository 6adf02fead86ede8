package fedllm.data.dirichlet;

import fedllm.api.random.Philox;

/**
 * Numbers of the Gamma distribution by Marsaglia and Tsang (ACM TOMS 26, 2000), as logarithms: at a
 * small shape most are too small for a double. Used by one thread.
 */
final class Gamma {

  private final Philox random;
  private final double shape;
  private long position;

  Gamma(Philox random, double shape) {
    this.random = random;
    this.shape = shape;
  }

  /** A draw of the symmetric Dirichlet distribution; the largest is scaled to 1. */
  double[] proportions(int count) {
    double[] drawn = new double[count];
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      drawn[i] = log();
      largest = Math.max(largest, drawn[i]);
    }
    for (int i = 0; i < count; i++) {
      drawn[i] = StrictMath.exp(drawn[i] - largest);
    }
    return drawn;
  }

  /** The logarithm of the next; below shape 1 by Gamma(a) = Gamma(a + 1) U^(1/a). */
  double log() {
    double lift = shape < 1 ? StrictMath.log(uniform()) / shape : 0;
    double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3;
    double c = 1 / StrictMath.sqrt(9 * d);
    while (true) {
      double x = normal();
      double root = 1 + c * x;
      double v = root * root * root;
      double u = uniform();
      if (v > 0 && StrictMath.log(u) < 0.5 * x * x + d - d * v + d * StrictMath.log(v)) {
        return StrictMath.log(d * v) + lift;
      }
    }
  }

  /** Above 0 and below 1. */
  private double uniform() {
    return random.uniform(position++) + 0x1p-33;
  }

  private double normal() {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(uniform()));
    return radius * StrictMath.cos(2 * StrictMath.PI * uniform());
  }
}
