package fedllm.models.llama;

import fedllm.learning.model.Architecture;
import fedllm.learning.model.Attention;
import fedllm.learning.model.Head;
import fedllm.learning.model.Rotary;
import fedllm.learning.model.ScoreHead;
import fedllm.learning.model.Site;
import fedllm.learning.model.Site.Kind;
import fedllm.learning.model.Sites;
import fedllm.learning.model.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A Llama of one shape, with the names that its files use. */
record LlamaArchitecture(LlamaShape shape, Head head) implements Architecture {

  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final String HEAD = "lm_head.weight";

  private static final String NORM =
      """
        def norm(self: __torch__.K, x: Tensor, scale: Tensor) -> Tensor:
          return torch.rms_norm(x, [torch.size(x, -1)], scale, EPSILON)
      """;

  @Override
  public int vocabulary() {
    return shape.vocabulary();
  }

  @Override
  public int context() {
    return shape.context();
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
  public Attention attention() {
    return Attention.plain(shape.heads(), shape.keyHeads(), shape.headWidth(), true);
  }

  @Override
  public List<Weight> weights() {
    List<Weight> weights = new ArrayList<>();
    weights.add(Weight.table(EMBEDDING, shape.vocabulary(), shape.width()));
    for (int layer = 0; layer < shape.layers(); layer++) {
      weights.add(Weight.vector(at(layer) + "input_layernorm.weight", shape.width()));
      weights.add(Weight.vector(at(layer) + "post_attention_layernorm.weight", shape.width()));
      for (Site linear : linears(layer)) {
        weights.add(Weight.matrix(linear.name() + ".weight", linear.out(), linear.in()));
      }
    }
    weights.add(Weight.vector("model.norm.weight", shape.width()));
    if (classes()) {
      weights.addAll(score().weights());
    } else if (!shape.tied()) {
      weights.add(Weight.table(HEAD, shape.vocabulary(), shape.width()));
    }
    return weights;
  }

  @Override
  public boolean ignores(String tensor) {
    return tensor.endsWith(".rotary_emb.inv_freq")
        || tensor.startsWith("score.")
        || ((shape.tied() || classes()) && tensor.equals(HEAD));
  }

  @Override
  public List<Site> sites() {
    List<Site> sites = new ArrayList<>();
    sites.add(new Site(Kind.EMBEDDING, "model.embed_tokens", shape.vocabulary(), shape.width()));
    for (int layer = 0; layer < shape.layers(); layer++) {
      String at = at(layer);
      sites.add(new Site(Kind.NORM, at + "input_layernorm", shape.width(), shape.width()));
      sites.addAll(linears(layer));
      for (Kind kind : List.of(Kind.KEYS, Kind.VALUES)) {
        String name = at + "self_attn." + kind.name().toLowerCase(Locale.ROOT);
        sites.add(new Site(kind, name, shape.keyHeads(), shape.headWidth()));
      }
      sites.add(new Site(Kind.RESIDUAL, at + "self_attn", shape.width(), shape.width()));
      sites.add(new Site(Kind.NORM, at + "post_attention_layernorm", shape.width(), shape.width()));
      sites.add(new Site(Kind.RESIDUAL, at + "mlp", shape.width(), shape.width()));
    }
    sites.add(new Site(Kind.NORM, "model.norm", shape.width(), shape.width()));
    sites.add(
        classes()
            ? score().site()
            : new Site(Kind.LOGITS, "lm_head", shape.width(), shape.vocabulary()));
    return sites;
  }

  private List<Site> linears(int layer) {
    int queries = shape.heads() * shape.headWidth();
    int keys = shape.keyHeads() * shape.headWidth();
    return List.of(
        Site.linear(at(layer) + "self_attn.q_proj", shape.width(), queries),
        Site.linear(at(layer) + "self_attn.k_proj", shape.width(), keys),
        Site.linear(at(layer) + "self_attn.v_proj", shape.width(), keys),
        Site.linear(at(layer) + "self_attn.o_proj", queries, shape.width()),
        Site.linear(at(layer) + "mlp.gate_proj", shape.width(), shape.inner()),
        Site.linear(at(layer) + "mlp.up_proj", shape.width(), shape.inner()),
        Site.linear(at(layer) + "mlp.down_proj", shape.inner(), shape.width()));
  }

  @Override
  public String methods() {
    return attention().methods()
        + new Rotary(shape.headWidth(), shape.headWidth(), shape.theta()).methods()
        + NORM.replace("EPSILON", Double.toString(shape.epsilon()));
  }

  @Override
  public String frame() {
    return Rotary.FRAME;
  }

  @Override
  public String embed(Sites sites) {
    return "    return " + sites.embedding("model.embed_tokens", "f[0]") + "\n";
  }

  @Override
  public String layer(int layer, Sites sites) {
    String at = at(layer);
    String attention = at + "self_attn.";
    StringBuilder code = new StringBuilder();
    line(code, "n = %s", norm(sites, "x", at + "input_layernorm"));
    line(code, "q = (self).heads(%s, %d)", sites.linear(attention + "q_proj", "n"), shape.heads());
    line(
        code,
        "k = (self).heads(%s, %d)",
        sites.linear(attention + "k_proj", "n"),
        shape.keyHeads());
    line(
        code,
        "v = (self).heads(%s, %d)",
        sites.linear(attention + "v_proj", "n"),
        shape.keyHeads());
    line(code, "k = (self).rotate(k, f)");
    line(code, "k = %s", sites.at(attention + "keys", "n", "k"));
    line(code, "v = %s", sites.at(attention + "values", "n", "v"));
    line(code, "a = (self).attend((self).rotate(q, f), k, v, f, kv, %d, False)", layer);
    line(code, "y = %s", sites.linear(attention + "o_proj", "a"));
    line(code, "x = x + %s", sites.at(at + "self_attn", "x", "y"));
    line(code, "n = %s", norm(sites, "x", at + "post_attention_layernorm"));
    line(code, "g = torch.silu(%s)", sites.linear(at + "mlp.gate_proj", "n"));
    line(code, "u = g * %s", sites.linear(at + "mlp.up_proj", "n"));
    line(code, "y = %s", sites.linear(at + "mlp.down_proj", "u"));
    line(code, "return x + %s", sites.at(at + "mlp", "x", "y"));
    return code.toString();
  }

  @Override
  public String last(Sites sites) {
    return "    return " + norm(sites, "x", "model.norm") + "\n";
  }

  @Override
  public String logits(Sites sites) {
    return classes()
        ? score().logits(sites)
        : "    return " + sites.project(projection(), "lm_head", "x") + "\n";
  }

  @Override
  public String projection() {
    return classes() ? "" : shape.tied() ? EMBEDDING : HEAD;
  }

  private boolean classes() {
    return head.kind() != Head.Kind.TOKENS;
  }

  private ScoreHead score() {
    return new ScoreHead(head, shape.width());
  }

  private static String norm(Sites sites, String x, String site) {
    return sites.at(site, x, "(self).norm(" + x + ", " + sites.weight(site + ".weight") + ")");
  }

  private static void line(StringBuilder code, String format, Object... arguments) {
    code.append("    ").append(format.formatted(arguments)).append('\n');
  }

  private static String at(int layer) {
    return "model.layers." + layer + ".";
  }
}
