package fedllm.models.llama;

import java.util.Arrays;
import java.util.Map;

/**
 * A Llama's forward pass once more, in plain Java and 64-bit floats, written to be compared with.
 */
final class Oracle {

  /** A thin product beside a linear layer: {@code scale * B A x}. */
  record Product(double[] a, double[] b, int rank, double scale) {}

  private final Shape shape;
  private final Map<String, float[]> weights;
  private final Map<String, Product> products;

  Oracle(Shape shape, Map<String, float[]> weights, Map<String, Product> products) {
    this.shape = shape;
    this.weights = weights;
    this.products = products;
  }

  /** The mean over all labels of all texts. */
  double loss(int[][] texts) {
    double nats = 0;
    int tokens = 0;
    for (int[] text : texts) {
      double[][] logits = logits(Arrays.copyOf(text, text.length - 1));
      for (int t = 0; t < logits.length; t++) {
        nats -= logSoftmax(logits[t], text[t + 1]);
        tokens++;
      }
    }
    return nats / tokens;
  }

  /** The logits at each place. */
  double[][] logits(int[] ids) {
    int n = ids.length;
    double[][] x = new double[n][shape.width()];
    float[] embedding = weights.get("model.embed_tokens.weight");
    for (int t = 0; t < n; t++) {
      for (int i = 0; i < shape.width(); i++) {
        x[t][i] = embedding[ids[t] * shape.width() + i];
      }
    }
    for (int layer = 0; layer < shape.layers(); layer++) {
      String at = "model.layers." + layer + ".";
      double[][] h = norm(x, at + "input_layernorm.weight");
      add(x, linear(at + "self_attn.o_proj", attend(at + "self_attn.", h)));
      h = norm(x, at + "post_attention_layernorm.weight");
      double[][] gate = linear(at + "mlp.gate_proj", h);
      double[][] up = linear(at + "mlp.up_proj", h);
      for (int t = 0; t < n; t++) {
        for (int i = 0; i < gate[t].length; i++) {
          gate[t][i] *= up[t][i] / (1 + Math.exp(-gate[t][i]));
        }
      }
      add(x, linear(at + "mlp.down_proj", gate));
    }
    return linear(shape.tied() ? "model.embed_tokens" : "lm_head", norm(x, "model.norm.weight"));
  }

  private double[][] attend(String at, double[][] h) {
    int width = shape.width() / shape.heads();
    double[][] q = linear(at + "q_proj", h);
    double[][] k = linear(at + "k_proj", h);
    double[][] v = linear(at + "v_proj", h);
    double[][] out = new double[h.length][shape.width()];
    for (int head = 0; head < shape.heads(); head++) {
      int from = head * width;
      int keys = head / (shape.heads() / shape.keyHeads()) * width;
      for (int t = 0; t < h.length; t++) {
        double[] weight = new double[t + 1];
        double sum = 0;
        for (int s = 0; s <= t; s++) {
          weight[s] = Math.exp(turnedDot(q[t], from, t, k[s], keys, s, width) / Math.sqrt(width));
          sum += weight[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int i = 0; i < width; i++) {
            out[t][from + i] += weight[s] / sum * v[s][keys + i];
          }
        }
      }
    }
    return out;
  }

  /** The product of a query and a key, each turned by its place: only the distance counts. */
  private static double turnedDot(
      double[] q, int from, int t, double[] k, int keys, int s, int width) {
    double dot = 0;
    int half = width / 2;
    for (int i = 0; i < half; i++) {
      double angle = (t - s) * Math.pow(500, -2.0 * i / width);
      double cos = Math.cos(angle);
      double sin = Math.sin(angle);
      double qa = q[from + i];
      double qb = q[from + half + i];
      double ka = k[keys + i];
      double kb = k[keys + half + i];
      dot += (qa * cos - qb * sin) * ka + (qa * sin + qb * cos) * kb;
    }
    return dot;
  }

  private double[][] linear(String name, double[][] x) {
    float[] w = weights.get(name + ".weight");
    int in = x[0].length;
    int out = w.length / in;
    double[][] y = new double[x.length][out];
    Product product = products.get(name);
    for (int t = 0; t < x.length; t++) {
      for (int o = 0; o < out; o++) {
        for (int i = 0; i < in; i++) {
          y[t][o] += (double) w[o * in + i] * x[t][i];
        }
      }
      if (product != null) {
        for (int r = 0; r < product.rank(); r++) {
          double inner = 0;
          for (int i = 0; i < in; i++) {
            inner += product.a()[r * in + i] * x[t][i];
          }
          for (int o = 0; o < out; o++) {
            y[t][o] += product.scale() * product.b()[o * product.rank() + r] * inner;
          }
        }
      }
    }
    return y;
  }

  private double[][] norm(double[][] x, String name) {
    float[] scale = weights.get(name);
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      double squares = 0;
      for (double value : x[t]) {
        squares += value * value;
      }
      double root = Math.sqrt(squares / x[t].length + 1e-5);
      for (int i = 0; i < x[t].length; i++) {
        y[t][i] = x[t][i] / root * scale[i];
      }
    }
    return y;
  }

  private static void add(double[][] x, double[][] y) {
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < x[t].length; i++) {
        x[t][i] += y[t][i];
      }
    }
  }

  private static double logSoftmax(double[] logits, int label) {
    double sum = 0;
    for (double logit : logits) {
      sum += Math.exp(logit);
    }
    return logits[label] - Math.log(sum);
  }
}
