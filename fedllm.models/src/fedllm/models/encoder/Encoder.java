package fedllm.models.encoder;

import fedllm.learning.model.Architecture;
import fedllm.learning.model.Attention;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.Norm;
import fedllm.learning.model.Site;
import fedllm.learning.model.Site.Kind;
import fedllm.learning.model.Sites;
import fedllm.learning.model.Weight;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** BERT or one of its kin, of one shape, with one head. */
public final class Encoder implements Architecture {

  private final EncoderShape shape;
  private final EncoderNames names;
  private final Head head;
  private final EncoderHead top;
  private final Set<Block> blocks = new LinkedHashSet<>();

  /** An encoder whose head has as many classes as {@code head} says. */
  public Encoder(EncoderShape shape, EncoderNames names, Head head) {
    this.shape = shape;
    this.names = names;
    this.head = head;
    this.top = names.head(head);
    for (int layer = 0; layer < shape.layers(); layer++) {
      blocks.addAll(names.layer(layer));
    }
  }

  /** Whether a model is one of these types, or where it has none, its classes begin so. */
  public static boolean claims(ModelConfig config, List<String> types, String begins) {
    return config.has("model_type")
        ? types.contains(config.text("model_type", ""))
        : config.texts("architectures").stream().anyMatch(name -> name.startsWith(begins));
  }

  @Override
  public int vocabulary() {
    return shape.vocabulary();
  }

  @Override
  public int context() {
    return shape.positions() - shape.first();
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
  public boolean causal() {
    return false;
  }

  @Override
  public int types() {
    return Math.max(1, shape.types());
  }

  @Override
  public Head head() {
    return head;
  }

  @Override
  public Attention attention() {
    return Attention.plain(shape.heads(), shape.heads(), shape.width() / shape.heads(), false);
  }

  @Override
  public List<Weight> weights() {
    int wide = shape.embedding();
    List<Weight> weights = new ArrayList<>();
    weights.add(Weight.table(table("word") + ".weight", shape.vocabulary(), wide));
    weights.add(Weight.table(table("position") + ".weight", shape.positions(), wide));
    if (shape.types() > 0) {
      weights.add(Weight.table(table("token_type") + ".weight", shape.types(), wide));
    }
    weights.addAll(Norm.LAYER.weights(norm(), wide));
    if (!names.mapping().isEmpty()) {
      weights.add(Weight.matrix(names.mapping() + ".weight", shape.width(), wide));
      weights.add(Weight.vector(names.mapping() + ".bias", shape.width()));
    }
    blocks.forEach(block -> weights.addAll(block.weights(shape)));
    weights.addAll(top.weights());
    return weights;
  }

  /** Files of the body alone leave the model's name out; the oldest have other names in norms. */
  @Override
  public String weight(String tensor) {
    String name =
        tensor
            .replaceFirst("LayerNorm\\.gamma$", "LayerNorm.weight")
            .replaceFirst("LayerNorm\\.beta$", "LayerNorm.bias");
    boolean whole = name.startsWith(model()) || names.heads().stream().anyMatch(name::startsWith);
    return whole ? name : model() + name;
  }

  @Override
  public boolean ignores(String tensor) {
    String name = weight(tensor);
    return name.equals(model() + "embeddings.position_ids")
        || names.heads().stream().anyMatch(name::startsWith);
  }

  @Override
  public List<Site> sites() {
    List<Site> sites = new ArrayList<>();
    sites.add(new Site(Kind.EMBEDDING, table("word"), shape.vocabulary(), shape.embedding()));
    sites.add(new Site(Kind.NORM, norm(), shape.embedding(), shape.embedding()));
    if (!names.mapping().isEmpty()) {
      sites.add(Site.linear(names.mapping(), shape.embedding(), shape.width()));
    }
    blocks.forEach(block -> sites.addAll(block.sites(shape)));
    sites.addAll(top.sites());
    return sites;
  }

  @Override
  public String methods() {
    return attention().methods() + Norm.LAYER.method(shape.epsilon());
  }

  @Override
  public String embed(Sites sites) {
    StringBuilder code = new StringBuilder();
    Lines.add(code, "x = %s", sites.embedding(table("word"), "f[0]"));
    String places = "f[1] + " + shape.first();
    Lines.add(code, "x = x + %s", sites.embedding(table("position"), places));
    if (shape.types() > 0) {
      Lines.add(code, "types = f[5]");
      Lines.add(code, "if torch.eq(torch.numel(types), 0):");
      Lines.add(code, "  types = torch.zeros_like(f[1])");
      Lines.add(code, "x = x + %s", sites.embedding(table("token_type"), "types"));
    }
    Lines.add(code, "x = %s", Norm.LAYER.at(sites, norm(), "x"));
    boolean mapped = !names.mapping().isEmpty();
    Lines.add(code, "return %s", mapped ? sites.linear(names.mapping(), "x") : "x");
    return code.toString();
  }

  @Override
  public String layer(int layer, Sites sites) {
    StringBuilder code = new StringBuilder();
    for (Block block : names.layer(layer)) {
      block.write(code, layer, shape.heads(), shape.activation(), sites);
    }
    Lines.add(code, "return x");
    return code.toString();
  }

  @Override
  public String last(Sites sites) {
    return top.last(sites);
  }

  @Override
  public String logits(Sites sites) {
    return top.logits(sites);
  }

  private String model() {
    return names.model() + ".";
  }

  private String table(String of) {
    return model() + "embeddings." + of + "_embeddings";
  }

  private String norm() {
    return model() + "embeddings.LayerNorm";
  }
}
