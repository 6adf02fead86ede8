package fedllm.models.encoder;

import fedllm.learning.model.Activation;
import fedllm.learning.model.Norm;
import fedllm.learning.model.Site;
import fedllm.learning.model.Site.Kind;
import fedllm.learning.model.Sites;
import fedllm.learning.model.Weight;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention and two linear layers, each added to the stream and normalised after that, with the
 * names that its files use.
 *
 * @param attention what keys and values are named after
 * @param attends what adds the attention to the stream, for the site there
 * @param feeds what adds the second half to the stream, for the site there
 */
public record Block(
    String attention,
    String query,
    String key,
    String value,
    String output,
    String attends,
    String attendedNorm,
    String up,
    String down,
    String feeds,
    String norm) {

  /** A layer as BERT names it. */
  public static Block ofBert(String layer) {
    return new Block(
        layer + ".attention.self",
        layer + ".attention.self.query",
        layer + ".attention.self.key",
        layer + ".attention.self.value",
        layer + ".attention.output.dense",
        layer + ".attention.output",
        layer + ".attention.output.LayerNorm",
        layer + ".intermediate.dense",
        layer + ".output.dense",
        layer + ".output",
        layer + ".output.LayerNorm");
  }

  List<Weight> weights(EncoderShape shape) {
    List<Weight> weights = new ArrayList<>();
    for (Site linear : linears(shape)) {
      weights.add(Weight.matrix(linear.name() + ".weight", linear.out(), linear.in()));
      weights.add(Weight.vector(linear.name() + ".bias", linear.out()));
    }
    for (String name : List.of(attendedNorm, norm)) {
      weights.addAll(Norm.LAYER.weights(name, shape.width()));
    }
    return weights;
  }

  List<Site> sites(EncoderShape shape) {
    int width = shape.width();
    int head = width / shape.heads();
    List<Site> sites = new ArrayList<>(linears(shape));
    sites.add(new Site(Kind.KEYS, attention + ".keys", shape.heads(), head));
    sites.add(new Site(Kind.VALUES, attention + ".values", shape.heads(), head));
    sites.add(new Site(Kind.RESIDUAL, attends, width, width));
    sites.add(new Site(Kind.NORM, attendedNorm, width, width));
    sites.add(new Site(Kind.RESIDUAL, feeds, width, width));
    sites.add(new Site(Kind.NORM, norm, width, width));
    return sites;
  }

  private List<Site> linears(EncoderShape shape) {
    int width = shape.width();
    return List.of(
        Site.linear(query, width, width),
        Site.linear(key, width, width),
        Site.linear(value, width, width),
        Site.linear(output, width, width),
        Site.linear(up, width, shape.inner()),
        Site.linear(down, shape.inner(), width));
  }

  /** Over {@code x}, {@code f} and {@code kv}: makes {@code x} what comes out. */
  void write(StringBuilder code, int layer, int heads, Activation activation, Sites sites) {
    Lines.add(code, "q = (self).heads(%s, %d)", sites.linear(query, "x"), heads);
    Lines.add(code, "k = (self).heads(%s, %d)", sites.linear(key, "x"), heads);
    Lines.add(code, "v = (self).heads(%s, %d)", sites.linear(value, "x"), heads);
    Lines.add(code, "k = %s", sites.at(attention + ".keys", "x", "k"));
    Lines.add(code, "v = %s", sites.at(attention + ".values", "x", "v"));
    Lines.add(code, "a = (self).attend(q, k, v, f, kv, %d, False)", layer);
    Lines.add(code, "y = %s", sites.linear(output, "a"));
    Lines.add(code, "x = x + %s", sites.at(attends, "x", "y"));
    Lines.add(code, "x = %s", Norm.LAYER.at(sites, attendedNorm, "x"));
    Lines.add(code, "u = %s", activation.of(sites.linear(up, "x")));
    Lines.add(code, "y = %s", sites.linear(down, "u"));
    Lines.add(code, "x = x + %s", sites.at(feeds, "x", "y"));
    Lines.add(code, "x = %s", Norm.LAYER.at(sites, norm, "x"));
  }
}
