package fedllm.models.phi;

import fedllm.learning.decoder.DecoderShape;
import fedllm.learning.model.Activation;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Attention;
import fedllm.learning.model.Head;
import fedllm.learning.model.Norm;
import fedllm.learning.model.Rotary;
import fedllm.learning.model.ScoreHead;
import fedllm.learning.model.Site;
import fedllm.learning.model.Site.Kind;
import fedllm.learning.model.Sites;
import fedllm.learning.model.Weight;
import java.util.ArrayList;
import java.util.List;

/**
 * A Phi of one shape: {@code x + attend(n) + down(activation(up(n)))} with {@code n = norm(x)}.
 *
 * @param epsilon of the norms
 */
record PhiArchitecture(
    DecoderShape shape, double epsilon, Rotary rotary, Activation activation, Head head)
    implements Architecture {

  private static final String BODY = "model.";
  private static final String EMBEDDING = BODY + "embed_tokens";
  private static final String LAST = BODY + "final_layernorm";
  private static final String HEAD = "lm_head";
  private static final List<String> PARTS = List.of("embed_tokens.", "layers.", "final_layernorm.");

  @Override
  public int vocabulary() {
    return shape.vocabulary();
  }

  @Override
  public int context() {
    return rotary.scaling().context(shape.positions());
  }

  @Override
  public int layers() {
    return shape.layers();
  }

  @Override
  public int width() {
    return shape.width();
  }

  @Override
  public boolean rereads(int from, int to) {
    return rotary.scaling().differs(from, to);
  }

  @Override
  public Attention attention() {
    return Attention.plain(shape.heads(), shape.keyHeads(), shape.headWidth(), true);
  }

  @Override
  public List<Weight> weights() {
    List<Weight> weights = new ArrayList<>();
    weights.add(Weight.table(EMBEDDING + ".weight", shape.vocabulary(), shape.width()));
    for (int layer = 0; layer < shape.layers(); layer++) {
      weights.addAll(Norm.LAYER.weights(at(layer) + "input_layernorm", shape.width()));
      for (Site linear : linears(layer)) {
        weights.add(Weight.matrix(linear.name() + ".weight", linear.out(), linear.in()));
        weights.add(Weight.vector(linear.name() + ".bias", linear.out()));
      }
    }
    weights.addAll(Norm.LAYER.weights(LAST, shape.width()));
    if (classes()) {
      weights.addAll(score().weights());
      return weights;
    }
    if (!shape.tied()) {
      weights.add(Weight.table(HEAD + ".weight", shape.vocabulary(), shape.width()));
    }
    weights.add(Weight.vector(HEAD + ".bias", shape.vocabulary()));
    return weights;
  }

  /** Files of a model without a head leave away what all its names begin with. */
  @Override
  public String weight(String tensor) {
    return PARTS.stream().anyMatch(tensor::startsWith) ? BODY + tensor : tensor;
  }

  @Override
  public boolean ignores(String tensor) {
    return tensor.endsWith(".rotary_emb.inv_freq")
        || (classes() ? tensor.startsWith(HEAD + ".") : tensor.startsWith("score."))
        || (shape.tied() && tensor.equals(HEAD + ".weight"));
  }

  @Override
  public List<Site> sites() {
    int width = shape.width();
    List<Site> sites = new ArrayList<>();
    sites.add(new Site(Kind.EMBEDDING, EMBEDDING, shape.vocabulary(), width));
    for (int layer = 0; layer < shape.layers(); layer++) {
      String at = at(layer);
      sites.add(new Site(Kind.NORM, at + "input_layernorm", width, width));
      sites.addAll(linears(layer));
      sites.add(new Site(Kind.KEYS, at + "self_attn.keys", shape.keyHeads(), shape.headWidth()));
      sites.add(
          new Site(Kind.VALUES, at + "self_attn.values", shape.keyHeads(), shape.headWidth()));
      sites.add(new Site(Kind.RESIDUAL, at + "self_attn", width, width));
      sites.add(new Site(Kind.RESIDUAL, at + "mlp", width, width));
    }
    sites.add(new Site(Kind.NORM, LAST, width, width));
    sites.add(classes() ? score().site() : new Site(Kind.LOGITS, HEAD, width, shape.vocabulary()));
    return sites;
  }

  private List<Site> linears(int layer) {
    String at = at(layer);
    int width = shape.width();
    return List.of(
        Site.linear(at + "self_attn.q_proj", width, shape.queries()),
        Site.linear(at + "self_attn.k_proj", width, shape.keys()),
        Site.linear(at + "self_attn.v_proj", width, shape.keys()),
        Site.linear(at + "self_attn.dense", shape.queries(), width),
        Site.linear(at + "mlp.fc1", width, shape.inner()),
        Site.linear(at + "mlp.fc2", shape.inner(), width));
  }

  @Override
  public String methods() {
    return attention().methods() + rotary.methods() + Norm.LAYER.method(epsilon);
  }

  @Override
  public String frame() {
    return Rotary.FRAME;
  }

  @Override
  public String embed(Sites sites) {
    return "    return " + sites.embedding(EMBEDDING, "f[0]") + "\n";
  }

  @Override
  public String layer(int layer, Sites sites) {
    String at = at(layer);
    String attention = at + "self_attn.";
    StringBuilder code = new StringBuilder();
    line(code, "n = (self).operand(%s)", Norm.LAYER.at(sites, at + "input_layernorm", "x"));
    line(code, "q = %s", sites.linear(attention + "q_proj", "n"));
    line(code, "k = %s", sites.linear(attention + "k_proj", "n"));
    line(code, "v = %s", sites.linear(attention + "v_proj", "n"));
    line(code, "q = (self).rotate((self).heads(q, %d), f)", shape.heads());
    line(code, "k = (self).rotate((self).heads(k, %d), f)", shape.keyHeads());
    line(code, "k = %s", sites.at(attention + "keys", "n", "k"));
    line(code, "v = (self).heads(v, %d)", shape.keyHeads());
    line(code, "v = %s", sites.at(attention + "values", "n", "v"));
    line(code, "a = (self).attend(q, k, v, f, kv, %d, False)", layer);
    line(code, "y = %s", sites.linear(attention + "dense", "a"));
    line(code, "u = %s", activation.of(sites.linear(at + "mlp.fc1", "n")));
    line(code, "z = %s", sites.linear(at + "mlp.fc2", "u"));
    line(code, "y = %s", sites.at(at + "self_attn", "x", "y"));
    line(code, "return x + y + %s", sites.at(at + "mlp", "x", "z"));
    return code.toString();
  }

  @Override
  public String last(Sites sites) {
    return "    return " + Norm.LAYER.at(sites, LAST, "x") + "\n";
  }

  @Override
  public String logits(Sites sites) {
    return classes()
        ? score().logits(sites)
        : "    return " + sites.project(projection(), HEAD, "x") + "\n";
  }

  @Override
  public String projection() {
    return classes() ? "" : (shape.tied() ? EMBEDDING : HEAD) + ".weight";
  }

  private boolean classes() {
    return head.kind() != Head.Kind.TOKENS;
  }

  private ScoreHead score() {
    return new ScoreHead(head, shape.width());
  }

  private static void line(StringBuilder code, String format, Object... arguments) {
    code.append("    ").append(format.formatted(arguments)).append('\n');
  }

  private static String at(int layer) {
    return BODY + "layers." + layer + ".";
  }
}
