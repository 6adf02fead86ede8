package fedllm.models.gpt2;

import fedllm.learning.model.Architecture;
import fedllm.learning.model.Attention;
import fedllm.learning.model.Head;
import fedllm.learning.model.Norm;
import fedllm.learning.model.ScoreHead;
import fedllm.learning.model.Site;
import fedllm.learning.model.Site.Kind;
import fedllm.learning.model.Sites;
import fedllm.learning.model.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A GPT-2 of one shape, with the names that its files use. */
record Gpt2Architecture(Gpt2Shape shape) implements Architecture {

  private static final String BODY = "transformer.";
  private static final String TOKENS = BODY + "wte";
  private static final String POSITIONS = BODY + "wpe";

  /** Masks that old files hold beside the weights. */
  private static final Pattern MASK =
      Pattern.compile("transformer\\.h\\.\\d+\\.attn\\.(masked_)?bias");

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
  public Head head() {
    return shape.head();
  }

  @Override
  public Attention attention() {
    int width = shape.width() / shape.heads();
    double scale = shape.scaled() ? 1 / Math.sqrt(width) : 1;
    return new Attention(shape.heads(), shape.heads(), width, scale, 0, true);
  }

  @Override
  public List<Weight> weights() {
    int width = shape.width();
    List<Weight> weights = new ArrayList<>();
    weights.add(Weight.table(TOKENS + ".weight", shape.vocabulary(), width));
    weights.add(Weight.table(POSITIONS + ".weight", shape.context(), width));
    for (int layer = 0; layer < shape.layers(); layer++) {
      weights.addAll(Norm.LAYER.weights(at(layer) + "ln_1", width));
      weights.addAll(Norm.LAYER.weights(at(layer) + "ln_2", width));
      for (Site linear : linears(layer)) {
        weights.add(
            Weight.matrix(linear.name() + ".weight", linear.out(), linear.in()).asTransposed());
        weights.add(Weight.vector(linear.name() + ".bias", linear.out()));
      }
    }
    weights.addAll(Norm.LAYER.weights(BODY + "ln_f", width));
    if (classifies()) {
      weights.addAll(score().weights());
    } else if (!shape.tied()) {
      weights.add(Weight.table("lm_head.weight", shape.vocabulary(), width));
    }
    return weights;
  }

  @Override
  public String weight(String tensor) {
    boolean whole =
        tensor.startsWith(BODY) || tensor.startsWith("lm_head.") || tensor.startsWith("score.");
    return whole ? tensor : BODY + tensor;
  }

  @Override
  public boolean ignores(String tensor) {
    return MASK.matcher(weight(tensor)).matches()
        || tensor.startsWith("score.")
        || (tensor.equals("lm_head.weight") && (shape.tied() || classifies()));
  }

  @Override
  public List<Site> sites() {
    int width = shape.width();
    int headWidth = width / shape.heads();
    List<Site> sites = new ArrayList<>();
    sites.add(new Site(Kind.EMBEDDING, TOKENS, shape.vocabulary(), width));
    for (int layer = 0; layer < shape.layers(); layer++) {
      String at = at(layer);
      sites.add(new Site(Kind.NORM, at + "ln_1", width, width));
      sites.add(new Site(Kind.NORM, at + "ln_2", width, width));
      sites.addAll(linears(layer));
      sites.add(new Site(Kind.KEYS, at + "attn.keys", shape.heads(), headWidth));
      sites.add(new Site(Kind.VALUES, at + "attn.values", shape.heads(), headWidth));
      sites.add(new Site(Kind.RESIDUAL, at + "attn", width, width));
      sites.add(new Site(Kind.RESIDUAL, at + "mlp", width, width));
    }
    sites.add(new Site(Kind.NORM, BODY + "ln_f", width, width));
    sites.add(
        classifies()
            ? score().site()
            : new Site(Kind.LOGITS, "lm_head", width, shape.vocabulary()));
    return sites;
  }

  private List<Site> linears(int layer) {
    int width = shape.width();
    return List.of(
        Site.linear(at(layer) + "attn.c_attn", width, 3 * width),
        Site.linear(at(layer) + "attn.c_proj", width, width),
        Site.linear(at(layer) + "mlp.c_fc", width, shape.inner()),
        Site.linear(at(layer) + "mlp.c_proj", shape.inner(), width));
  }

  @Override
  public String methods() {
    return attention().methods() + Norm.LAYER.method(shape.epsilon());
  }

  @Override
  public String embed(Sites sites) {
    return """
        x = %s
        return x + %s
    """
        .formatted(sites.embedding(TOKENS, "f[0]"), sites.embedding(POSITIONS, "f[1]"));
  }

  @Override
  public String layer(int layer, Sites sites) {
    String at = at(layer);
    StringBuilder code = new StringBuilder();
    line(code, "n = %s", Norm.LAYER.at(sites, at + "ln_1", "x"));
    line(code, "q, k, v = torch.chunk(%s, 3, -1)", sites.linear(at + "attn.c_attn", "n"));
    line(code, "q = (self).heads(q, %d)", shape.heads());
    if (shape.cooled()) {
      line(code, "q = torch.div(q, %d)", layer + 1);
    }
    line(code, "k = (self).heads(k, %d)", shape.heads());
    line(code, "k = %s", sites.at(at + "attn.keys", "n", "k"));
    line(code, "v = (self).heads(v, %d)", shape.heads());
    line(code, "v = %s", sites.at(at + "attn.values", "n", "v"));
    line(code, "a = (self).attend(q, k, v, f, kv, %d, False)", layer);
    line(code, "y = %s", sites.linear(at + "attn.c_proj", "a"));
    line(code, "x = x + %s", sites.at(at + "attn", "x", "y"));
    line(code, "n = %s", Norm.LAYER.at(sites, at + "ln_2", "x"));
    line(code, "u = %s", shape.activation().of(sites.linear(at + "mlp.c_fc", "n")));
    line(code, "y = %s", sites.linear(at + "mlp.c_proj", "u"));
    line(code, "return x + %s", sites.at(at + "mlp", "x", "y"));
    return code.toString();
  }

  @Override
  public String last(Sites sites) {
    return "    return " + Norm.LAYER.at(sites, BODY + "ln_f", "x") + "\n";
  }

  @Override
  public String logits(Sites sites) {
    return classifies()
        ? score().logits(sites)
        : "    return " + sites.project(projection(), "lm_head", "x") + "\n";
  }

  @Override
  public String projection() {
    if (classifies()) {
      return "";
    }
    return shape.tied() ? TOKENS + ".weight" : "lm_head.weight";
  }

  private boolean classifies() {
    return shape.head().kind() != Head.Kind.TOKENS;
  }

  private ScoreHead score() {
    return new ScoreHead(shape.head(), shape.width());
  }

  private static void line(StringBuilder code, String format, Object... arguments) {
    code.append("    ").append(format.formatted(arguments)).append('\n');
  }

  private static String at(int layer) {
    return BODY + "h." + layer + ".";
  }
}
