package fedllm.models.encoder;

import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * An encoder's forward pass once more, in plain Java and 64-bit floats, written to be compared
 * with.
 *
 * @param weights by name, matrices [out, in]
 * @param products what is added beside linear layers, by their names
 * @param body what stands before {@code embeddings}
 * @param mapping the linear layer behind the tables, or empty
 * @param layers for each layer the names of query, key, value, output, norm, up, down, norm
 * @param first the row of the first position
 */
public record PlainEncoder(
    Map<String, float[]> weights,
    Map<String, Product> products,
    String body,
    String mapping,
    List<List<String>> layers,
    int heads,
    int first,
    DoubleUnaryOperator activation) {

  /** A thin product beside a linear layer: {@code 1.5 * B A x}. */
  public record Product(double[] a, double[] b) {}

  /** What comes out of the last layer. */
  public double[][] hidden(int[] ids, int[] types) {
    float[] word = weights.get(body + ".embeddings.word_embeddings.weight");
    float[] place = weights.get(body + ".embeddings.position_embeddings.weight");
    float[] type = weights.get(body + ".embeddings.token_type_embeddings.weight");
    int width = weights.get(body + ".embeddings.LayerNorm.weight").length;
    double[][] x = new double[ids.length][width];
    for (int t = 0; t < ids.length; t++) {
      for (int i = 0; i < width; i++) {
        x[t][i] = (double) word[ids[t] * width + i] + place[(t + first) * width + i];
        x[t][i] += type == null ? 0 : type[(types.length == 0 ? 0 : types[t]) * width + i];
      }
    }
    x = norm(body + ".embeddings.LayerNorm", x);
    if (!mapping.isEmpty()) {
      x = linear(mapping, x);
    }
    for (List<String> names : layers) {
      double[][] q = linear(names.get(0), x);
      double[][] k = linear(names.get(1), x);
      double[][] a = attend(q, k, linear(names.get(2), x));
      x = norm(names.get(4), add(x, linear(names.get(3), a)));
      double[][] u = map(activation, linear(names.get(5), x));
      x = norm(names.get(7), add(x, linear(names.get(6), u)));
    }
    return x;
  }

  private double[][] attend(double[][] q, double[][] k, double[][] v) {
    int n = q.length;
    int width = q[0].length / heads;
    double[][] out = new double[n][q[0].length];
    for (int from = 0; from < q[0].length; from += width) {
      for (int t = 0; t < n; t++) {
        double[] weight = new double[n];
        double sum = 0;
        for (int s = 0; s < n; s++) {
          double dot = 0;
          for (int i = from; i < from + width; i++) {
            dot += q[t][i] * k[s][i];
          }
          weight[s] = Math.exp(dot / Math.sqrt(width));
          sum += weight[s];
        }
        for (int s = 0; s < n; s++) {
          for (int i = from; i < from + width; i++) {
            out[t][i] += weight[s] / sum * v[s][i];
          }
        }
      }
    }
    return out;
  }

  /** A linear layer with its bias, and what stands beside it. */
  public double[][] linear(String name, double[][] x) {
    double[][] y = product(weights.get(name + ".weight"), weights.get(name + ".bias"), x);
    Product beside = products.get(name);
    if (beside != null) {
      double[][] inner = times(beside.a(), x);
      double[][] outer = times(beside.b(), inner);
      for (int t = 0; t < y.length; t++) {
        for (int i = 0; i < y[t].length; i++) {
          y[t][i] += 1.5 * outer[t][i];
        }
      }
    }
    return y;
  }

  /** The product with a matrix, and a bias. */
  public static double[][] product(float[] matrix, float[] bias, double[][] x) {
    double[] wide = new double[matrix.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = matrix[i];
    }
    double[][] y = times(wide, x);
    for (double[] row : y) {
      for (int i = 0; i < row.length; i++) {
        row[i] += bias[i];
      }
    }
    return y;
  }

  private static double[][] times(double[] matrix, double[][] x) {
    int in = x[0].length;
    double[][] y = new double[x.length][matrix.length / in];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < y[t].length; o++) {
        for (int i = 0; i < in; i++) {
          y[t][o] += matrix[o * in + i] * x[t][i];
        }
      }
    }
    return y;
  }

  /** Mean zero and variance one, then scaled and shifted. */
  public double[][] norm(String name, double[][] x) {
    float[] scale = weights.get(name + ".weight");
    float[] shift = weights.get(name + ".bias");
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      int n = x[t].length;
      double mean = 0;
      for (double value : x[t]) {
        mean += value / n;
      }
      double variance = 0;
      for (double value : x[t]) {
        variance += (value - mean) * (value - mean) / n;
      }
      for (int i = 0; i < n; i++) {
        y[t][i] = (x[t][i] - mean) / Math.sqrt(variance + 1e-12) * scale[i] + shift[i];
      }
    }
    return y;
  }

  /** A function of each number. */
  public static double[][] map(DoubleUnaryOperator f, double[][] x) {
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < y[t].length; i++) {
        y[t][i] = f.applyAsDouble(x[t][i]);
      }
    }
    return y;
  }

  private static double[][] add(double[][] x, double[][] y) {
    double[][] sum = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < sum[t].length; i++) {
        sum[t][i] = x[t][i] + y[t][i];
      }
    }
    return sum;
  }

  /** {@code x Φ(x)}. */
  public static double gelu(double x) {
    double term = x / Math.sqrt(2);
    double square = term * term;
    double sum = 0;
    for (int n = 0; Math.abs(term) > 1e-18; n++) {
      sum += term;
      term *= 2 * square / (2 * n + 3);
    }
    double erf = 2 / Math.sqrt(Math.PI) * Math.exp(-square) * sum;
    return 0.5 * x * (1 + erf);
  }

  /** The approximation by a hyperbolic tangent. */
  public static double geluNew(double x) {
    return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }
}
