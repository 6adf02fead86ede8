package fedllm.testkit.learning;

import fedllm.learning.base.Script;
import java.util.HashMap;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * What forward passes are made of, in plain Java and 64-bit floats, written to be compared with:
 * one text at a time, [length][width], with what {@link Everywhere} puts at each site. Arguments
 * stay as they are.
 */
public final class Plain {

  private final Map<String, double[]> weights = new HashMap<>();
  private final Map<String, double[]> trained;

  /**
   * Of one model.
   *
   * @param weights by their names, matrices [out, in]
   * @param trained by their names in files; where nothing stands at a site there are none
   */
  public Plain(Map<String, float[]> weights, Map<String, double[]> trained) {
    weights.forEach((name, values) -> this.weights.put(name, wide(values)));
    this.trained = trained;
  }

  /** Rows of a table; {@code site} is a module with a weight. */
  public double[][] embedding(String site, int[] ids, int width) {
    double[] table = weights.get(site + ".weight");
    double[][] y = new double[ids.length][width];
    for (int t = 0; t < ids.length; t++) {
      System.arraycopy(table, ids[t] * width, y[t], 0, width);
    }
    return times(site, y);
  }

  /** A linear layer, with its bias if it has one. */
  public double[][] linear(String site, double[][] x) {
    double[][] y = product(weights.get(site + ".weight"), weights.get(site + ".bias"), x);
    double[] a = added(site, "A");
    return a == null
        ? y
        : sum(y, map(product(added(site, "B"), null, product(a, null, x)), z -> 1.5 * z));
  }

  /** Logits at a site, by a table that may be another's. */
  public double[][] project(String table, String site, double[][] x) {
    double[][] y = product(weights.get(table), weights.get(site + ".bias"), x);
    double[] c = added(site, "C");
    return c == null ? y : sum(y, product(c, null, x));
  }

  /** The stream {@code x} with {@code y} added to it at a site. */
  public double[][] residual(String site, double[][] x, double[][] y) {
    return sum(x, atResidual(site, y));
  }

  /** What is added to the stream at a site. */
  public double[][] atResidual(String site, double[][] y) {
    double[] down = added(site, "D");
    return down == null
        ? y
        : sum(y, product(added(site, "U"), null, map(product(down, null, y), Math::tanh)));
  }

  /** {@code x / rms(x) * (from + w)}. */
  public double[][] rms(String site, double[][] x, double epsilon, double from) {
    double[] scale = weights.get(site + ".weight");
    double[][] y = new double[x.length][scale.length];
    for (int t = 0; t < x.length; t++) {
      double root = Math.sqrt(squares(x[t], 0) / x[t].length + epsilon);
      for (int i = 0; i < scale.length; i++) {
        y[t][i] = x[t][i] / root * (from + scale[i]);
      }
    }
    return times(site, y);
  }

  /** {@code (x - mean(x)) / deviation(x) * w + b}. */
  public double[][] layerNorm(String site, double[][] x, double epsilon) {
    double[] scale = weights.get(site + ".weight");
    double[] shift = weights.get(site + ".bias");
    double[][] y = new double[x.length][scale.length];
    for (int t = 0; t < x.length; t++) {
      double mean = 0;
      for (double value : x[t]) {
        mean += value / x[t].length;
      }
      double deviation = Math.sqrt(squares(x[t], mean) / x[t].length + epsilon);
      for (int i = 0; i < scale.length; i++) {
        y[t][i] = (x[t][i] - mean) / deviation * scale[i] + shift[i];
      }
    }
    return times(site, y);
  }

  /** What a site of keys, values, a norm or an embedding makes of {@code y}. */
  public double[][] times(String site, double[][] y) {
    double[] factor = added(site, "l");
    double[][] result = new double[y.length][];
    for (int t = 0; t < y.length; t++) {
      result[t] = y[t].clone();
      for (int i = 0; factor != null && i < result[t].length; i++) {
        result[t][i] *= factor[i];
      }
    }
    return result;
  }

  /** Each head's first {@code turned} values, pair by pair (i, i + turned / 2). */
  public static double[][] rotate(double[][] x, int width, int turned, double theta) {
    double[][] y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      y[t] = x[t].clone();
      for (int head = 0; head < x[t].length; head += width) {
        for (int i = 0; i < turned / 2; i++) {
          double angle = t * Math.pow(theta, -2.0 * i / turned);
          double left = x[t][head + i];
          double right = x[t][head + i + turned / 2];
          y[t][head + i] = left * Math.cos(angle) - right * Math.sin(angle);
          y[t][head + i + turned / 2] = right * Math.cos(angle) + left * Math.sin(angle);
        }
      }
    }
    return y;
  }

  /**
   * Softmax attention of places to those before them.
   *
   * @param width of a head
   * @param cap of the scores; 0 for none
   * @param window how many places one sees, its own among them; 0 for all
   */
  public static double[][] attend(
      double[][] q, double[][] k, double[][] v, int width, double scale, double cap, int window) {
    double[][] out = new double[q.length][q[0].length];
    int group = q[0].length / k[0].length;
    for (int head = 0; head < q[0].length / width; head++) {
      int from = head * width;
      int keys = head / group * width;
      for (int t = 0; t < q.length; t++) {
        int first = window == 0 ? 0 : Math.max(0, t - window + 1);
        double[] scores = new double[t + 1 - first];
        for (int s = first; s <= t; s++) {
          for (int i = 0; i < width; i++) {
            scores[s - first] += scale * q[t][from + i] * k[s][keys + i];
          }
          if (cap > 0) {
            scores[s - first] = cap * Math.tanh(scores[s - first] / cap);
          }
        }
        double[] logShares = logSoftmax(scores);
        for (int s = first; s <= t; s++) {
          for (int i = 0; i < width; i++) {
            out[t][from + i] += Math.exp(logShares[s - first]) * v[s][keys + i];
          }
        }
      }
    }
    return out;
  }

  /** Every value by itself. */
  public static double[][] map(double[][] x, DoubleUnaryOperator of) {
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        y[t][i] = of.applyAsDouble(x[t][i]);
      }
    }
    return y;
  }

  /** Both added. */
  public static double[][] sum(double[][] x, double[][] y) {
    double[][] sum = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        sum[t][i] = x[t][i] + y[t][i];
      }
    }
    return sum;
  }

  /** Logarithms of the shares of {@code exp(logits)}. */
  public static double[] logSoftmax(double[] logits) {
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit);
    }
    double[] shares = new double[logits.length];
    for (int i = 0; i < shares.length; i++) {
      shares[i] = logits[i] - Math.log(sum);
    }
    return shares;
  }

  /** The GELU whose Φ is a tanh. */
  public static double geluTanh(double x) {
    return x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  private double[] added(String site, String symbol) {
    return trained.get(Script.PREFIX + "." + site + "." + symbol + ".weight");
  }

  private static double[][] product(double[] w, double[] bias, double[][] x) {
    int in = x[0].length;
    double[][] y = new double[x.length][w.length / in];
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < y[t].length; o++) {
        y[t][o] = bias == null ? 0 : bias[o];
        for (int i = 0; i < in; i++) {
          y[t][o] += w[o * in + i] * x[t][i];
        }
      }
    }
    return y;
  }

  private static double squares(double[] values, double mean) {
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return squares;
  }

  /** Exactly. */
  static double[] wide(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }
}
