package fedllm.learning.model;

import java.util.List;

/**
 * The head of classes on a decoder: a linear layer called {@code score}, over the last token of
 * each text or over every token.
 *
 * @param head classes of sequences or of tokens
 * @param width how wide what it reads is
 */
public record ScoreHead(Head head, int width) {

  private static final String NAME = "score";

  private static final String LAST =
      """
          if torch.gt(torch.numel(f[6]), 0):
            at = torch.sum(torch.to(torch.gt(f[6], 0), 4), [1]) - 1
            x = torch.take_along_dim(x, torch.reshape(at, [-1, 1, 1]), 1)
          else:
            x = torch.slice(x, 1, -1)
          return torch.squeeze(LINEAR, 1)
      """;

  /** Its weights; the files may lack them, where it is to be trained. */
  public List<Weight> weights() {
    Weight matrix = Weight.matrix(NAME + ".weight", head.classes(), width).asOptional();
    // As Hugging Face has it: a bias for tokens alone.
    return head.kind() == Head.Kind.TOKEN_CLASSES
        ? List.of(matrix, Weight.vector(NAME + ".bias", head.classes()).asOptional())
        : List.of(matrix);
  }

  /** Its site. */
  public Site site() {
    return Site.linear(NAME, width, head.classes());
  }

  /** The body of {@link Architecture#logits}. */
  public String logits(Sites sites) {
    return head.kind() == Head.Kind.TOKEN_CLASSES
        ? "    return " + sites.linear(NAME, "x") + "\n"
        : LAST.replace("LINEAR", sites.linear(NAME, "x"));
  }
}
