package fedllm.models.gemma;

import fedllm.learning.decoder.GatedDecoder;
import fedllm.learning.model.Activation;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Attention;
import fedllm.learning.model.Head;
import fedllm.learning.model.Norm;
import fedllm.learning.model.Site;
import fedllm.learning.model.Sites;
import fedllm.learning.model.Weight;
import java.util.ArrayList;
import java.util.List;

/**
 * A Gemma of one shape.
 *
 * @param like sizes, names and rotation, which are Llama's
 * @param activation what the gates pass
 * @param twice whether a layer's attention and MLP have a norm after them, too
 * @param scale what scores are multiplied with
 * @param cap of scores; 0 for none
 * @param finalCap of logits; 0 for none
 */
record GemmaArchitecture(
    GatedDecoder like,
    Activation activation,
    boolean twice,
    double scale,
    double cap,
    double finalCap)
    implements Architecture {

  private static final Norm NORM = Norm.RMS_FROM_ONE;

  @Override
  public int vocabulary() {
    return like.vocabulary();
  }

  @Override
  public int context() {
    return like.context();
  }

  @Override
  public int layers() {
    return like.layers();
  }

  @Override
  public int width() {
    return like.width();
  }

  @Override
  public int window() {
    return like.window();
  }

  @Override
  public boolean rereads(int from, int to) {
    return like.rereads(from, to);
  }

  @Override
  public Attention attention() {
    Attention plain = like.attention();
    return new Attention(plain.heads(), plain.keyHeads(), plain.width(), scale, cap, true);
  }

  @Override
  public List<Weight> weights() {
    List<Weight> weights = new ArrayList<>(like.weights());
    more().forEach(norm -> weights.addAll(NORM.weights(norm.name(), norm.out())));
    return weights;
  }

  @Override
  public String weight(String tensor) {
    return like.weight(tensor);
  }

  @Override
  public boolean ignores(String tensor) {
    return like.ignores(tensor);
  }

  @Override
  public List<Site> sites() {
    List<Site> sites = new ArrayList<>(like.sites());
    sites.addAll(more());
    return sites;
  }

  /** Norms that Llama has not. */
  private List<Site> more() {
    List<Site> norms = new ArrayList<>();
    for (int layer = 0; twice && layer < layers(); layer++) {
      for (String side : List.of("pre", "post")) {
        String name = at(layer) + side + "_feedforward_layernorm";
        norms.add(new Site(Site.Kind.NORM, name, width(), width()));
      }
    }
    return norms;
  }

  @Override
  public Head head() {
    return like.head();
  }

  @Override
  public String methods() {
    return attention().methods() + like.rotary().methods() + NORM.method(like.shape().epsilon());
  }

  @Override
  public String frame() {
    return like.frame();
  }

  /** The factor is a 32-bit float, as the stream is. */
  @Override
  public String embed(Sites sites) {
    String x = sites.embedding("model.embed_tokens", "f[0]");
    return "    return " + x + " * " + Math.sqrt(width()) + "\n";
  }

  @Override
  public String layer(int layer, Sites sites) {
    String at = at(layer);
    String attention = at + "self_attn.";
    int keyHeads = like.shape().keyHeads();
    StringBuilder code = new StringBuilder();
    line(code, "n = (self).operand(%s)", NORM.at(sites, at + "input_layernorm", "x"));
    line(code, "q = %s", sites.narrow(attention + "q_proj", "n"));
    line(code, "k = %s", sites.narrow(attention + "k_proj", "n"));
    line(code, "v = %s", sites.narrow(attention + "v_proj", "n"));
    line(code, "q = (self).rotate((self).heads(q, %d), f)", like.shape().heads());
    line(code, "k = (self).rotate((self).heads(k, %d), f)", keyHeads);
    line(code, "k = %s", sites.at(attention + "keys", "n", "k"));
    line(code, "v = (self).heads(v, %d)", keyHeads);
    line(code, "v = %s", sites.at(attention + "values", "n", "v"));
    String near = like.near().layers().contains(layer) ? "True" : "False";
    line(code, "a = (self).attend(q, k, v, f, kv, %d, %s)", layer, near);
    line(code, "y = %s", sites.linear(attention + "o_proj", "a"));
    if (twice) {
      line(code, "y = %s", NORM.at(sites, at + "post_attention_layernorm", "y"));
    }
    line(code, "x = x + %s", sites.at(at + "self_attn", "x", "y"));
    String before = twice ? "pre_feedforward_layernorm" : "post_attention_layernorm";
    line(code, "n = (self).operand(%s)", NORM.at(sites, at + before, "x"));
    line(code, "g = %s", activation.of(sites.narrow(at + "mlp.gate_proj", "n")));
    line(code, "u = g * %s", sites.narrow(at + "mlp.up_proj", "n"));
    line(code, "y = %s", sites.linear(at + "mlp.down_proj", "u"));
    if (twice) {
      line(code, "y = %s", NORM.at(sites, at + "post_feedforward_layernorm", "y"));
    }
    line(code, "return x + %s", sites.at(at + "mlp", "x", "y"));
    return code.toString();
  }

  @Override
  public String last(Sites sites) {
    return "    return " + NORM.at(sites, "model.norm", "x") + "\n";
  }

  @Override
  public String logits(Sites sites) {
    if (!caps()) {
      return like.logits(sites);
    }
    return """
        z = LINEAR
        return torch.tanh(z / CAP) * CAP
    """
        .replace("LINEAR", sites.project(like.projection(), "lm_head", "x"))
        .replace("CAP", Double.toString(finalCap));
  }

  @Override
  public String projection() {
    return caps() ? "" : like.projection();
  }

  /** Classes are never capped. */
  private boolean caps() {
    return finalCap > 0 && head().kind() == Head.Kind.TOKENS;
  }

  private static void line(StringBuilder code, String format, Object... arguments) {
    code.append("    ").append(format.formatted(arguments)).append('\n');
  }

  private static String at(int layer) {
    return "model.layers." + layer + ".";
  }
}
