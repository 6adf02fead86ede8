package fedllm.learning.decoder;

import fedllm.learning.model.Architecture;
import fedllm.learning.model.Attention;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.Norm;
import fedllm.learning.model.Rotary;
import fedllm.learning.model.ScoreHead;
import fedllm.learning.model.Site;
import fedllm.learning.model.Site.Kind;
import fedllm.learning.model.Sites;
import fedllm.learning.model.Weight;
import fedllm.learning.rope.RopeKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * A decoder built like Llama (arXiv:2302.13971): {@code x + attend(norm(x))}, then {@code x +
 * down(silu(gate(n)) * up(n))} with {@code n = norm(x)}. What a family has besides, it says by
 * {@code with}.
 *
 * @param shape its sizes
 * @param rotary how queries and keys turn
 * @param head what it is asked for
 * @param biased the linear layers with biases, such as {@code q_proj}
 * @param headNorms whether each head's queries and keys have a norm of their own, before they turn
 * @param fused whether queries, keys and values are one linear layer, and gate and up another
 * @param near layers that look near only
 */
public record GatedDecoder(
    DecoderShape shape,
    Rotary rotary,
    Head head,
    Set<String> biased,
    boolean headNorms,
    boolean fused,
    Window near)
    implements Architecture {

  private static final String BODY = "model.";
  private static final String EMBEDDING = BODY + "embed_tokens";
  private static final String HEAD = "lm_head";
  private static final List<String> PARTS = List.of("embed_tokens.", "layers.", "norm.");

  /**
   * A decoder with nothing special.
   *
   * @param read the keys beyond the common ones that the family reads itself
   * @throws fedllm.api.error.SitsOut when a key is odd, or asks for what the family has not
   */
  public static GatedDecoder of(
      ModelConfig config, Head head, DecoderShape.Missing missing, String... read) {
    Relatives.refuse(config, Set.of(read));
    DecoderShape shape = DecoderShape.of(config, missing);
    Rotary rotary = RopeKeys.read(config, shape.headWidth(), shape.positions());
    return new GatedDecoder(shape, rotary, head.in(config), Set.of(), false, false, Window.NONE);
  }

  /** With biases at linear layers of these names. */
  public GatedDecoder withBiases(String... parts) {
    Set<String> all = new TreeSet<>(biased);
    all.addAll(List.of(parts));
    return new GatedDecoder(shape, rotary, head, all, headNorms, fused, near);
  }

  /** With norms {@code q_norm} and {@code k_norm} over each head. */
  public GatedDecoder withHeadNorms() {
    return new GatedDecoder(shape, rotary, head, biased, true, fused, near);
  }

  /** With the linear layers {@code qkv_proj} and {@code gate_up_proj}. */
  public GatedDecoder withFusedLayers() {
    return new GatedDecoder(shape, rotary, head, biased, headNorms, true, near);
  }

  /** With layers that look near only. */
  public GatedDecoder withWindow(Window window) {
    return new GatedDecoder(shape, rotary, head, biased, headNorms, fused, window);
  }

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
  public int window() {
    return near.positions();
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
      for (Site norm : places().norms(layer)) {
        weights.addAll(Norm.RMS.weights(norm.name(), norm.out()));
      }
      for (Site linear : places().linears(layer)) {
        weights.add(Weight.matrix(linear.name() + ".weight", linear.out(), linear.in()));
        if (biased.contains(linear.part())) {
          weights.add(Weight.vector(linear.name() + ".bias", linear.out()));
        }
      }
    }
    weights.addAll(Norm.RMS.weights(BODY + "norm", shape.width()));
    if (classes()) {
      weights.addAll(score().weights());
    } else if (!shape.tied()) {
      weights.add(Weight.table(HEAD + ".weight", shape.vocabulary(), shape.width()));
    }
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
        || (!classes() && tensor.startsWith("score."))
        || ((shape.tied() || classes()) && tensor.equals(HEAD + ".weight"));
  }

  @Override
  public List<Site> sites() {
    List<Site> sites = new ArrayList<>();
    sites.add(new Site(Kind.EMBEDDING, EMBEDDING, shape.vocabulary(), shape.width()));
    for (int layer = 0; layer < shape.layers(); layer++) {
      sites.addAll(places().norms(layer));
      sites.addAll(places().linears(layer));
      for (Kind kind : List.of(Kind.KEYS, Kind.VALUES)) {
        String name = LayerPlaces.at(layer) + "self_attn." + kind.name().toLowerCase(Locale.ROOT);
        sites.add(new Site(kind, name, shape.keyHeads(), shape.headWidth()));
      }
      for (String part : List.of("self_attn", "mlp")) {
        sites.add(
            new Site(Kind.RESIDUAL, LayerPlaces.at(layer) + part, shape.width(), shape.width()));
      }
    }
    sites.add(new Site(Kind.NORM, BODY + "norm", shape.width(), shape.width()));
    sites.add(
        classes()
            ? score().site()
            : new Site(Kind.LOGITS, HEAD, shape.width(), shape.vocabulary()));
    return sites;
  }

  @Override
  public String methods() {
    return attention().methods() + rotary.methods() + Norm.RMS.method(shape.epsilon());
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
    String at = LayerPlaces.at(layer);
    String attention = at + "self_attn.";
    StringBuilder code = new StringBuilder();
    line(code, "n = (self).operand(%s)", Norm.RMS.at(sites, at + "input_layernorm", "x"));
    List<String> read = queriesKeysValues(code, attention, sites);
    line(code, "q = (self).heads(%s, %d)", read.get(0), shape.heads());
    line(code, "k = (self).heads(%s, %d)", read.get(1), shape.keyHeads());
    line(code, "v = (self).heads(%s, %d)", read.get(2), shape.keyHeads());
    if (headNorms) {
      line(code, "q = %s", Norm.RMS.at(sites, attention + "q_norm", "q"));
      line(code, "k = %s", Norm.RMS.at(sites, attention + "k_norm", "k"));
    }
    line(code, "q = (self).rotate(q, f)");
    line(code, "k = (self).rotate(k, f)");
    line(code, "k = %s", sites.at(attention + "keys", "n", "k"));
    line(code, "v = %s", sites.at(attention + "values", "n", "v"));
    String isNear = near.layers().contains(layer) ? "True" : "False";
    line(code, "a = (self).attend(q, k, v, f, kv, %d, %s)", layer, isNear);
    line(code, "y = %s", sites.narrow(attention + "o_proj", "a"));
    line(code, "x = x + %s", sites.at(at + "self_attn", "x", "y"));
    line(code, "n = (self).operand(%s)", Norm.RMS.at(sites, at + "post_attention_layernorm", "x"));
    gateAndUp(code, at + "mlp.", sites);
    line(code, "y = %s", sites.narrow(at + "mlp.down_proj", "u"));
    line(code, "return x + %s", sites.at(at + "mlp", "x", "y"));
    return code.toString();
  }

  private List<String> queriesKeysValues(StringBuilder code, String at, Sites sites) {
    if (!fused) {
      return List.of(
          sites.narrow(at + "q_proj", "n"),
          sites.narrow(at + "k_proj", "n"),
          sites.narrow(at + "v_proj", "n"));
    }
    int keys = shape.queries();
    int values = keys + shape.keys();
    line(code, "z = %s", sites.narrow(at + "qkv_proj", "n"));
    return List.of(part(0, keys), part(keys, values), part(values, values + shape.keys()));
  }

  private void gateAndUp(StringBuilder code, String at, Sites sites) {
    if (fused) {
      int inner = shape.inner();
      line(code, "z = %s", sites.narrow(at + "gate_up_proj", "n"));
      line(code, "u = torch.silu(%s) * %s", part(0, inner), part(inner, 2 * inner));
    } else {
      line(code, "g = torch.silu(%s)", sites.narrow(at + "gate_proj", "n"));
      line(code, "u = g * %s", sites.narrow(at + "up_proj", "n"));
    }
  }

  private static String part(int from, int to) {
    return "torch.slice(z, 2, " + from + ", " + to + ")";
  }

  @Override
  public String last(Sites sites) {
    return "    return " + Norm.RMS.at(sites, BODY + "norm", "x") + "\n";
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

  private LayerPlaces places() {
    return new LayerPlaces(shape, headNorms, fused);
  }

  private static void line(StringBuilder code, String format, Object... arguments) {
    code.append("    ").append(format.formatted(arguments)).append('\n');
  }
}
