package fedllm.models.encoder;

import fedllm.learning.model.Activation;
import fedllm.learning.model.Site;
import fedllm.learning.model.Sites;
import fedllm.learning.model.Weight;
import java.util.List;

/**
 * Classes of texts, told by the first token: a linear layer, an activation, a linear layer. Files
 * of a model that told no classes yet may lack it.
 *
 * @param dense the first linear layer
 * @param classifier the second
 */
public record FirstToken(
    String dense, Activation activation, String classifier, int width, int classes)
    implements EncoderHead {

  @Override
  public List<Weight> weights() {
    return List.of(
        Weight.matrix(dense + ".weight", width, width).asOptional(),
        Weight.vector(dense + ".bias", width).asOptional(),
        Weight.matrix(classifier + ".weight", classes, width).asOptional(),
        Weight.vector(classifier + ".bias", classes).asOptional());
  }

  @Override
  public List<Site> sites() {
    return List.of(Site.linear(dense, width, width), Site.linear(classifier, width, classes));
  }

  @Override
  public String logits(Sites sites) {
    StringBuilder code = new StringBuilder();
    Lines.add(code, "n = torch.slice(x, 1, 0, 1)");
    Lines.add(code, "n = %s", activation.of(sites.linear(dense, "n")));
    Lines.add(code, "return torch.squeeze(%s, 1)", sites.linear(classifier, "n"));
    return code.toString();
  }
}
