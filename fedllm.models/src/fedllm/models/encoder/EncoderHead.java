package fedllm.models.encoder;

import fedllm.learning.model.Site;
import fedllm.learning.model.Sites;
import fedllm.learning.model.Weight;
import java.util.List;

/** What stands on an encoder. */
public sealed interface EncoderHead permits FirstToken, EachToken, MaskedTokens {

  /** Its weights. */
  List<Weight> weights();

  /** Its sites. */
  List<Site> sites();

  /** Over {@code x} and {@code f}: returns what the logits are made of. */
  default String last(Sites sites) {
    return "    return x\n";
  }

  /** Over that, as {@code x}: returns the logits. */
  String logits(Sites sites);
}
