package fedllm.learning.base;

import fedllm.learning.model.Architecture;
import fedllm.learning.model.Attention;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.model.Site;
import fedllm.learning.model.Sites;
import fedllm.learning.model.Weight;
import java.util.List;

/** The smallest family there is: the next token depends on the last one alone. */
final class Bigrams implements ModelFamily {

  @Override
  public boolean claims(ModelConfig config) {
    return config.text("model_type", "").equals("bigrams");
  }

  @Override
  public Architecture open(ModelConfig config, Head head) {
    return new Table(config.size("vocab_size"), config.size("hidden_size"));
  }

  private record Table(int vocabulary, int width) implements Architecture {

    @Override
    public int context() {
      return 16;
    }

    @Override
    public int layers() {
      return 1;
    }

    @Override
    public Head head() {
      return Head.TOKENS;
    }

    @Override
    public Attention attention() {
      return Attention.plain(1, 1, width, true);
    }

    @Override
    public List<Weight> weights() {
      return List.of(
          Weight.table("table.weight", vocabulary, width),
          Weight.matrix("middle.weight", width, width));
    }

    @Override
    public boolean ignores(String tensor) {
      return tensor.equals("old.buffer");
    }

    @Override
    public List<Site> sites() {
      return List.of(
          new Site(Site.Kind.EMBEDDING, "table", vocabulary, width),
          Site.linear("middle", width, width),
          new Site(Site.Kind.LOGITS, "head", width, vocabulary));
    }

    @Override
    public String methods() {
      return "";
    }

    @Override
    public String embed(Sites sites) {
      return "    return " + sites.embedding("table", "f[0]") + "\n";
    }

    @Override
    public String layer(int layer, Sites sites) {
      return "    return " + sites.linear("middle", "x") + "\n";
    }

    @Override
    public String last(Sites sites) {
      return "    return x\n";
    }

    @Override
    public String logits(Sites sites) {
      return "    return " + sites.project(projection(), "head", "x") + "\n";
    }

    @Override
    public String projection() {
      return "table.weight";
    }
  }
}
