package fedllm.peft.lora;

import fedllm.learning.model.Architecture;
import fedllm.learning.model.Attention;
import fedllm.learning.model.Head;
import fedllm.learning.model.Site;
import fedllm.learning.model.Sites;
import fedllm.learning.model.Weight;
import java.util.List;

/** A model that is nothing but its sites. */
record Shape(List<Site> sites) implements Architecture {

  @Override
  public int vocabulary() {
    return 10;
  }

  @Override
  public int context() {
    return 10;
  }

  @Override
  public int layers() {
    return 2;
  }

  @Override
  public int width() {
    return 64;
  }

  @Override
  public Attention attention() {
    return Attention.plain(8, 8, 8, true);
  }

  @Override
  public List<Weight> weights() {
    return sites.stream()
        .map(at -> Weight.matrix(at.name() + ".weight", at.out(), at.in()))
        .toList();
  }

  @Override
  public Head head() {
    return Head.TOKENS;
  }

  @Override
  public String methods() {
    return "";
  }

  @Override
  public String embed(Sites sites) {
    return "";
  }

  @Override
  public String layer(int layer, Sites sites) {
    return "";
  }

  @Override
  public String last(Sites sites) {
    return "";
  }

  @Override
  public String logits(Sites sites) {
    return "";
  }
}
