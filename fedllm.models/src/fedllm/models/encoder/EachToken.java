package fedllm.models.encoder;

import fedllm.learning.model.Site;
import fedllm.learning.model.Sites;
import fedllm.learning.model.Weight;
import java.util.List;

/** Classes of tokens: one linear layer. Files of a model that told no classes yet may lack it. */
public record EachToken(String classifier, int width, int classes) implements EncoderHead {

  @Override
  public List<Weight> weights() {
    return List.of(
        Weight.matrix(classifier + ".weight", classes, width).asOptional(),
        Weight.vector(classifier + ".bias", classes).asOptional());
  }

  @Override
  public List<Site> sites() {
    return List.of(Site.linear(classifier, width, classes));
  }

  @Override
  public String logits(Sites sites) {
    return "    return " + sites.linear(classifier, "x") + "\n";
  }
}
