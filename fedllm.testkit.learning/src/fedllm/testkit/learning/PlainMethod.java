package fedllm.testkit.learning;

import fedllm.learning.model.Site;
import java.util.function.UnaryOperator;

/** What a method makes of a site, once more, in plain Java and 64-bit floats. */
@FunctionalInterface
public interface PlainMethod {

  /** Nothing anywhere. */
  PlainMethod NONE = (at, text, values) -> text.y();

  /** The trained tensors: by site and the name inside it, or by a whole name. */
  interface Values {

    /** One of a site. */
    double[] of(Site at, String name);

    /** One of all sites. */
    double[] common(String name);
  }

  /**
   * One text at a site, [length][width].
   *
   * @param ids its tokens, below zero at places
   * @param here which of the adapter's places stands where, -1 for none
   * @param x what the site reads; null for an embedding
   * @param y what it gives without the method
   * @param base a linear layer without the method
   */
  record Text(int[] ids, int[] here, double[][] x, double[][] y, UnaryOperator<double[][]> base) {

    /** How long it is. */
    public int length() {
      return y.length;
    }
  }

  /** What the site gives; arguments stay as they are. */
  double[][] at(Site site, Text text, Values values);

  /** {@code W x} at each place; W is [out, in] row by row. */
  static double[][] product(double[] w, double[][] x) {
    double[][] y = new double[x.length][w.length / x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < y[t].length; o++) {
        for (int i = 0; i < x[t].length; i++) {
          y[t][o] += w[o * x[t].length + i] * x[t][i];
        }
      }
    }
    return y;
  }
}
