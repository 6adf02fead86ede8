package fedllm.models.gemma;

import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.testkit.learning.OracleContract;
import fedllm.testkit.learning.Plain;
import java.util.stream.Stream;

class GemmaContractTest implements OracleContract {

  private static final double EPSILON = 1e-6;

  @Override
  public ModelFamily family() {
    return new Gemma();
  }

  @Override
  public Stream<String> configs() {
    return Small.first().map(Small::config);
  }

  /** Norms scale by about two here, and what is rounded before them with it. */
  @Override
  public double roundedShare() {
    return 0.1;
  }

  @Override
  public double[][] oracle(String config, Plain plain, int[] ids) {
    return forward(Small.of(config), head(), plain, ids);
  }

  static double[][] forward(Small small, Head head, Plain plain, int[] ids) {
    double root = Math.sqrt(Small.WIDTH);
    double[][] x =
        Plain.map(plain.embedding("model.embed_tokens", ids, Small.WIDTH), z -> z * root);
    boolean second = small.special() != null;
    for (int layer = 0; layer < small.layers(); layer++) {
      String at = "model.layers." + layer + ".";
      double[][] y = attention(small, layer, plain, norm(plain, at + "input_layernorm", x));
      y = second ? norm(plain, at + "post_attention_layernorm", y) : y;
      x = plain.residual(at + "self_attn", x, y);
      String before = second ? "pre_feedforward_layernorm" : "post_attention_layernorm";
      y = mlp(plain, at + "mlp.", norm(plain, at + before, x));
      y = second ? norm(plain, at + "post_feedforward_layernorm", y) : y;
      x = plain.residual(at + "mlp", x, y);
    }
    x = norm(plain, "model.norm", x);
    if (head.kind() == Head.Kind.SEQUENCE_CLASSES) {
      return plain.linear("score", new double[][] {x[x.length - 1]});
    }
    String table = small.tied() ? "model.embed_tokens.weight" : "lm_head.weight";
    double[][] logits = plain.project(table, "lm_head", x);
    double cap = second ? small.special().finalCap() : 0;
    return cap == 0 ? logits : Plain.map(logits, z -> cap * Math.tanh(z / cap));
  }

  private static double[][] attention(Small small, int layer, Plain plain, double[][] n) {
    String at = "model.layers." + layer + ".self_attn.";
    int width = Small.HEAD_WIDTH;
    double[][] q = Plain.rotate(plain.linear(at + "q_proj", n), width, width, 500);
    double[][] k = Plain.rotate(plain.linear(at + "k_proj", n), width, width, 500);
    double[][] v = plain.times(at + "values", plain.linear(at + "v_proj", n));
    k = plain.times(at + "keys", k);
    Small.Special special = small.special();
    double scale = 1 / Math.sqrt(special == null ? width : special.scalar());
    double cap = special == null ? 0 : special.cap();
    int window = special == null || !special.near().contains(layer) ? 0 : special.window();
    return plain.linear(at + "o_proj", Plain.attend(q, k, v, width, scale, cap, window));
  }

  private static double[][] mlp(Plain plain, String at, double[][] n) {
    double[][] gate = Plain.map(plain.linear(at + "gate_proj", n), Plain::geluTanh);
    double[][] up = plain.linear(at + "up_proj", n);
    double[][] product = new double[n.length][up[0].length];
    for (int t = 0; t < n.length; t++) {
      for (int i = 0; i < up[t].length; i++) {
        product[t][i] = gate[t][i] * up[t][i];
      }
    }
    return plain.linear(at + "down_proj", product);
  }

  private static double[][] norm(Plain plain, String site, double[][] x) {
    return plain.rms(site, x, EPSILON, 1);
  }
}
