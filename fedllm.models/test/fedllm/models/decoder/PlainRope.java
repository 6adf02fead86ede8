package fedllm.models.decoder;

import com.fasterxml.jackson.databind.JsonNode;

/** The rotary embedding of one text, with whatever its configuration says of scaling. */
final class PlainRope {

  private final JsonNode config;
  private final JsonNode rope;
  private final int width;
  private final int turned;
  private final double theta;
  private final double[] frequencies;
  private double factor = 1;

  PlainRope(JsonNode config, int width, int length) {
    this.config = config;
    this.width = width;
    rope =
        config.hasNonNull("rope_scaling")
            ? config.get("rope_scaling")
            : config.path("rope_parameters");
    turned = (int) (width * either("partial_rotary_factor", 1));
    theta = either("rope_theta", 10_000);
    frequencies = new double[turned / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = 1 / Math.pow(theta, 2.0 * i / turned);
    }
    switch (rope.path("rope_type").asText(rope.path("type").asText("default"))) {
      case "linear" -> {
        for (int i = 0; i < frequencies.length; i++) {
          frequencies[i] /= rope.get("factor").asDouble();
        }
      }
      case "dynamic" -> dynamic(length);
      case "llama3" -> llama3();
      case "yarn" -> yarn();
      case "longrope", "su" -> longRope(length);
      default -> {}
    }
  }

  private void dynamic(int length) {
    double most = config.get("max_position_embeddings").asDouble();
    double s = rope.get("factor").asDouble();
    double grown = s * Math.max(length, most) / most - (s - 1);
    double base = theta * Math.pow(grown, turned / (turned - 2.0));
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = 1 / Math.pow(base, 2.0 * i / turned);
    }
  }

  private void llama3() {
    double s = rope.get("factor").asDouble();
    double low = rope.get("low_freq_factor").asDouble();
    double high = rope.get("high_freq_factor").asDouble();
    double old = rope.get("original_max_position_embeddings").asDouble();
    for (int i = 0; i < frequencies.length; i++) {
      double wavelength = 2 * Math.PI / frequencies[i];
      if (wavelength > old / low) {
        frequencies[i] /= s;
      } else if (wavelength >= old / high) {
        double smooth = (old / wavelength - low) / (high - low);
        frequencies[i] = (1 - smooth) * frequencies[i] / s + smooth * frequencies[i];
      }
    }
  }

  private void yarn() {
    double old =
        either("original_max_position_embeddings", config.get("max_position_embeddings").asInt());
    double s = rope.path("factor").asDouble(config.get("max_position_embeddings").asDouble() / old);
    double low = dimension(rope.path("beta_fast").asDouble(32), old);
    double high = dimension(rope.path("beta_slow").asDouble(1), old);
    if (rope.path("truncate").asBoolean(true)) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, turned - 1);
    for (int i = 0; i < frequencies.length; i++) {
      double ramp = (i - low) / (low == high ? 0.001 : high - low);
      double kept = 1 - Math.max(0, Math.min(1, ramp));
      frequencies[i] = frequencies[i] / s * (1 - kept) + frequencies[i] * kept;
    }
    double m = rope.path("mscale").asDouble(0);
    double all = rope.path("mscale_all_dim").asDouble(0);
    factor = m != 0 && all != 0 ? scale(s, m) / scale(s, all) : scale(s, 1);
    factor = rope.path("attention_factor").asDouble(factor);
  }

  private double dimension(double rotations, double old) {
    return turned * Math.log(old / (rotations * 2 * Math.PI)) / (2 * Math.log(theta));
  }

  private static double scale(double s, double m) {
    return s <= 1 ? 1 : 0.1 * m * Math.log(s) + 1;
  }

  private void longRope(int length) {
    double old = either("original_max_position_embeddings", 0);
    double s = config.get("max_position_embeddings").asDouble() / old;
    JsonNode divisors = rope.get(length > old ? "long_factor" : "short_factor");
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] /= divisors.get(i).asDouble();
    }
    factor = s <= 1 ? 1 : Math.sqrt(1 + Math.log(s) / Math.log(old));
    factor = rope.path("attention_factor").asDouble(factor);
  }

  private double either(String key, double missing) {
    return rope.path(key).asDouble(config.path(key).asDouble(missing));
  }

  /** Heads side by side, [length][heads * width]. */
  double[][] turned(double[][] x) {
    double[][] y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      y[t] = x[t].clone();
      for (int from = 0; from < y[t].length; from += width) {
        for (int i = 0; i < turned / 2; i++) {
          int j = i + turned / 2;
          double cos = factor * Math.cos(t * frequencies[i]);
          double sin = factor * Math.sin(t * frequencies[i]);
          y[t][from + i] = x[t][from + i] * cos - x[t][from + j] * sin;
          y[t][from + j] = x[t][from + j] * cos + x[t][from + i] * sin;
        }
      }
    }
    return y;
  }
}
