package fedllm.models.decoder;

import static fedllm.testkit.learning.Plain.attend;
import static fedllm.testkit.learning.Plain.map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.learning.model.Head;
import fedllm.testkit.learning.Plain;
import java.util.Arrays;

/**
 * The forward pass of Llama and its relatives once more, in plain Java and 64-bit floats, by the
 * configuration alone, as Hugging Face's classes read it.
 */
final class PlainDecoder {

  private final JsonNode config;
  private final Plain plain;
  private final int heads;
  private final int keyHeads;
  private final int width;

  PlainDecoder(String config, Plain plain) {
    try {
      this.config = new ObjectMapper().readTree(config);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
    this.plain = plain;
    heads = this.config.get("num_attention_heads").asInt();
    keyHeads = this.config.get("num_key_value_heads").asInt();
    width = this.config.path("head_dim").asInt(this.config.get("hidden_size").asInt() / heads);
  }

  double[][] logits(Head head, int[] ids) {
    double[][] x = plain.embedding("model.embed_tokens", ids, config.get("hidden_size").asInt());
    PlainRope rope = new PlainRope(config, width, ids.length);
    for (int layer = 0; layer < config.get("num_hidden_layers").asInt(); layer++) {
      String at = "model.layers." + layer + ".";
      double[][] y = attention(at, norm(at + "input_layernorm", x), rope, window(layer));
      x = plain.residual(at + "self_attn", x, y);
      y = mlp(at + "mlp.", norm(at + "post_attention_layernorm", x));
      x = plain.residual(at + "mlp", x, y);
    }
    x = norm("model.norm", x);
    boolean tied = config.get("tie_word_embeddings").asBoolean();
    return switch (head.kind()) {
      case TOKENS ->
          plain.project(tied ? "model.embed_tokens.weight" : "lm_head.weight", "lm_head", x);
      case TOKEN_CLASSES -> plain.linear("score", x);
      case SEQUENCE_CLASSES -> plain.linear("score", new double[][] {x[x.length - 1]});
    };
  }

  private double[][] attention(String at, double[][] n, PlainRope rope, int window) {
    at = at + "self_attn.";
    double[][] q;
    double[][] k;
    double[][] v;
    if (is("phi3")) {
      double[][] all = plain.linear(at + "qkv_proj", n);
      q = columns(all, 0, heads * width);
      k = columns(all, heads * width, (heads + keyHeads) * width);
      v = columns(all, (heads + keyHeads) * width, (heads + 2 * keyHeads) * width);
    } else {
      q = plain.linear(at + "q_proj", n);
      k = plain.linear(at + "k_proj", n);
      v = plain.linear(at + "v_proj", n);
    }
    if (is("qwen3")) {
      q = perHead(at + "q_norm", q);
      k = perHead(at + "k_norm", k);
    }
    k = plain.times(at + "keys", rope.turned(k));
    v = plain.times(at + "values", v);
    double[][] read = attend(rope.turned(q), k, v, width, 1 / Math.sqrt(width), 0, window);
    return plain.linear(at + "o_proj", read);
  }

  private double[][] mlp(String at, double[][] n) {
    double[][] gate;
    double[][] up;
    if (is("phi3")) {
      double[][] both = plain.linear(at + "gate_up_proj", n);
      gate = columns(both, 0, both[0].length / 2);
      up = columns(both, both[0].length / 2, both[0].length);
    } else {
      gate = plain.linear(at + "gate_proj", n);
      up = plain.linear(at + "up_proj", n);
    }
    double[][] inner = map(gate, z -> z / (1 + Math.exp(-z)));
    for (int t = 0; t < inner.length; t++) {
      for (int i = 0; i < inner[t].length; i++) {
        inner[t][i] *= up[t][i];
      }
    }
    return plain.linear(at + "down_proj", inner);
  }

  /** How many places a layer sees; 0 for all. */
  private int window(int layer) {
    int window = config.path("sliding_window").asInt(0);
    if (!is("qwen2") && !is("qwen3")) {
      return window;
    }
    boolean near =
        config.has("layer_types")
            ? config.get("layer_types").get(layer).asText().equals("sliding_attention")
            : layer >= config.path("max_window_layers").asInt();
    return near && config.path("use_sliding_window").asBoolean() ? window : 0;
  }

  private double[][] norm(String site, double[][] x) {
    return plain.rms(site, x, config.get("rms_norm_eps").asDouble(), 0);
  }

  /** The norm over each head by itself. */
  private double[][] perHead(String site, double[][] x) {
    double[][] y = new double[x.length][x[0].length];
    for (int from = 0; from < x[0].length; from += width) {
      double[][] one = norm(site, columns(x, from, from + width));
      for (int t = 0; t < x.length; t++) {
        System.arraycopy(one[t], 0, y[t], from, width);
      }
    }
    return y;
  }

  private boolean is(String type) {
    return config.get("model_type").asText().equals(type);
  }

  private static double[][] columns(double[][] x, int from, int to) {
    return Arrays.stream(x).map(row -> Arrays.copyOfRange(row, from, to)).toArray(double[][]::new);
  }
}
