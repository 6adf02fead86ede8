package fedllm.learning.base;

import fedllm.api.tensor.Tensor;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Linear;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.model.Sites;
import java.util.List;

/** The smallest family there is: the next token depends on the last one alone. */
final class Bigrams implements ModelFamily {

  @Override
  public boolean claims(ModelConfig config) {
    return config.text("model_type", "").equals("bigrams");
  }

  @Override
  public Architecture open(ModelConfig config) {
    return new Table(config.size("vocab_size"), config.size("hidden_size"));
  }

  private record Table(int vocabulary, int width) implements Architecture {

    @Override
    public int context() {
      return 16;
    }

    @Override
    public List<Tensor> weights() {
      return List.of(
          new Tensor("table", "weight", List.of((long) vocabulary, (long) width)),
          new Tensor("middle", "weight", List.of((long) width, (long) width)));
    }

    @Override
    public boolean ignores(String tensor) {
      return tensor.equals("old.buffer");
    }

    @Override
    public List<Linear> linears() {
      return List.of(new Linear("middle", width, width));
    }

    @Override
    public String script(Sites sites) {
      return """
        def hidden(self: __torch__.K, ids: Tensor, w: List[Tensor], p: List[Tensor]) -> Tensor:
          x = torch.embedding(TABLE, ids)
          return MIDDLE
        def head(self: __torch__.K, w: List[Tensor]) -> Tensor:
          return TABLE
      """
          .replace("TABLE", sites.weight("table.weight"))
          .replace("MIDDLE", sites.linear("middle", "x"));
    }
  }
}
