package fedllm.testkit.learning;

import fedllm.learning.model.Architecture;
import fedllm.learning.model.Site;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * A small Llama's forward pass in plain Java and 64-bit floats, with a method's equation at every
 * site: what engine and method are compared with.
 */
public final class PlainLlama {

  /** Grouped keys, an untied head, two layers. */
  public static final String CONFIG =
      """
      {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_act": "silu",
       "hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2,
       "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 23,
       "tie_word_embeddings": false, "max_position_embeddings": 64, "rms_norm_eps": 1e-5,
       "rope_theta": 500.0, "rope_scaling": null, "attention_bias": false}
      """;

  private static final int WIDTH = 16;
  private static final int HEADS = 4;
  private static final int HEAD_WIDTH = 4;

  private final Map<String, Site> sites = new HashMap<>();
  private final Map<String, double[]> weights = new HashMap<>();
  private final int layers;
  private final PlainMethod method;
  private final PlainMethod.Values values;
  private int[] ids = {};

  /** A model of {@link #CONFIG} with a method and its values. */
  public PlainLlama(
      Architecture model,
      Map<String, float[]> weights,
      PlainMethod method,
      PlainMethod.Values values) {
    model.sites().forEach(site -> sites.put(site.name(), site));
    weights.forEach((name, floats) -> this.weights.put(name, wide(floats)));
    this.layers = model.layers();
    this.method = method;
    this.values = values;
  }

  /** Exactly. */
  static double[] wide(float[] floats) {
    double[] wide = new double[floats.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = floats[i];
    }
    return wide;
  }

  /**
   * The logits at each place.
   *
   * @param text ids, below zero where a place of the method stands
   */
  public double[][] logits(int[] text) {
    ids = text;
    double[][] x = new double[text.length][WIDTH];
    double[] table = weights.get("model.embed_tokens.weight");
    for (int t = 0; t < text.length; t++) {
      System.arraycopy(table, Math.max(0, text[t]) * WIDTH, x[t], 0, WIDTH);
    }
    x = at("model.embed_tokens", null, x, null);
    for (int layer = 0; layer < layers; layer++) {
      String at = "model.layers." + layer + ".";
      x = residual(at + "self_attn", x, attend(at, norm(at + "input_layernorm", x)));
      double[][] n = norm(at + "post_attention_layernorm", x);
      double[][] gate = map(linear(at + "mlp.gate_proj", n), g -> g / (1 + Math.exp(-g)));
      double[][] inner = both(gate, linear(at + "mlp.up_proj", n), (g, u) -> g * u);
      x = residual(at + "mlp", x, linear(at + "mlp.down_proj", inner));
    }
    double[][] h = norm("model.norm", x);
    return at("lm_head", h, PlainMethod.product(weights.get("lm_head.weight"), h), null);
  }

  private double[][] attend(String layer, double[][] n) {
    String at = layer + "self_attn.";
    double[][] q = rotate(linear(at + "q_proj", n));
    double[][] k = at(at + "keys", n, rotate(linear(at + "k_proj", n)), null);
    double[][] v = at(at + "values", n, linear(at + "v_proj", n), null);
    double[][] out = new double[n.length][WIDTH];
    for (int head = 0; head < HEADS; head++) {
      int from = head * HEAD_WIDTH;
      int keys = head / (WIDTH / k[0].length) * HEAD_WIDTH;
      for (int t = 0; t < n.length; t++) {
        double[] weight = new double[t + 1];
        double sum = 0;
        for (int s = 0; s <= t; s++) {
          double dot = 0;
          for (int i = 0; i < HEAD_WIDTH; i++) {
            dot += q[t][from + i] * k[s][keys + i];
          }
          weight[s] = Math.exp(dot / Math.sqrt(HEAD_WIDTH));
          sum += weight[s];
        }
        for (int s = 0; s <= t; s++) {
          for (int i = 0; i < HEAD_WIDTH; i++) {
            out[t][from + i] += weight[s] / sum * v[s][keys + i];
          }
        }
      }
    }
    return linear(at + "o_proj", out);
  }

  /** Pair (i, i + half) of each head turns by its place. */
  private static double[][] rotate(double[][] x) {
    int half = HEAD_WIDTH / 2;
    double[][] y = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int j = 0; j < y[t].length; j++) {
        int i = j % HEAD_WIDTH % half;
        double angle = t * Math.pow(500, -2.0 * i / HEAD_WIDTH);
        boolean left = j % HEAD_WIDTH < half;
        double other = left ? -x[t][j + half] : x[t][j - half];
        y[t][j] = x[t][j] * Math.cos(angle) + other * Math.sin(angle);
      }
    }
    return y;
  }

  private double[][] linear(String site, double[][] x) {
    UnaryOperator<double[][]> base =
        read -> PlainMethod.product(weights.get(site + ".weight"), read);
    return at(site, x, base.apply(x), base);
  }

  private double[][] norm(String site, double[][] x) {
    double[] scale = weights.get(site + ".weight");
    double[][] y = new double[x.length][WIDTH];
    for (int t = 0; t < x.length; t++) {
      double squares = 0;
      for (double value : x[t]) {
        squares += value * value;
      }
      for (int i = 0; i < WIDTH; i++) {
        y[t][i] = x[t][i] / Math.sqrt(squares / WIDTH + 1e-5) * scale[i];
      }
    }
    return at(site, x, y, null);
  }

  private double[][] residual(String site, double[][] x, double[][] y) {
    return both(x, at(site, x, y, null), Double::sum);
  }

  private double[][] at(String site, double[][] x, double[][] y, UnaryOperator<double[][]> base) {
    int[] here = new int[ids.length];
    for (int t = 0; t < here.length; t++) {
      here[t] = ids[t] < 0 ? -1 - ids[t] : -1;
    }
    return method.at(sites.get(site), new PlainMethod.Text(ids, here, x, y, base), values);
  }

  private static double[][] map(double[][] x, UnaryOperator<Double> of) {
    return both(x, x, (value, same) -> of.apply(value));
  }

  private static double[][] both(
      double[][] x, double[][] y, BiFunction<Double, Double, Double> of) {
    double[][] z = new double[x.length][x[0].length];
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < z[t].length; i++) {
        z[t][i] = of.apply(x[t][i], y[t][i]);
      }
    }
    return z;
  }
}
