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
 * The token that stands, or stood, at each place: a linear layer, an activation, a norm, and the
 * product with a table.
 *
 * @param dense the linear layer
 * @param norm the norm
 * @param logits the site of the logits, whose bias is named after it
 * @param table the weight whose product the logits are
 * @param own whether the table is the head's own and not the embedding
 */
public record MaskedTokens(
    String dense,
    Activation activation,
    String norm,
    String logits,
    String table,
    boolean own,
    int width,
    int embedding,
    int vocabulary)
    implements EncoderHead {

  @Override
  public List<Weight> weights() {
    List<Weight> weights = new ArrayList<>();
    weights.add(Weight.matrix(dense + ".weight", embedding, width));
    weights.add(Weight.vector(dense + ".bias", embedding));
    weights.addAll(Norm.LAYER.weights(norm, embedding));
    weights.add(Weight.vector(logits + ".bias", vocabulary));
    if (own) {
      weights.add(Weight.table(table, vocabulary, embedding));
    }
    return weights;
  }

  @Override
  public List<Site> sites() {
    return List.of(
        Site.linear(dense, width, embedding),
        new Site(Kind.NORM, norm, embedding, embedding),
        new Site(Kind.LOGITS, logits, embedding, vocabulary));
  }

  @Override
  public String last(Sites sites) {
    StringBuilder code = new StringBuilder();
    Lines.add(code, "x = %s", activation.of(sites.linear(dense, "x")));
    Lines.add(code, "return %s", Norm.LAYER.at(sites, norm, "x"));
    return code.toString();
  }

  @Override
  public String logits(Sites sites) {
    return "    return " + sites.project(table, logits, "x") + "\n";
  }
}
