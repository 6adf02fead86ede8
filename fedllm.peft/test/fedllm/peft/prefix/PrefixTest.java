package fedllm.peft.prefix;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.learning.model.ModelFamily;
import fedllm.learning.model.Site;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;
import fedllm.models.llama.Llama;
import fedllm.peft.Others;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.PeftContract;
import fedllm.testkit.learning.PlainMethod;
import fedllm.testkit.learning.RandomModel;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PrefixTest implements PeftContract {

  @Override
  public PeftMethod method() {
    return new Prefix();
  }

  @Override
  public ModelFamily family() {
    return new Llama();
  }

  @Override
  public Stream<Case> cases() {
    return Stream.concat(
        Stream.of(new Case(options(3), false, PrefixTest::at)), Others.with(options(2), false));
  }

  /** P as [place][layer][keys, values][width]. */
  private static double[][] at(Site at, PlainMethod.Text text, PlainMethod.Values values) {
    if (at.kind() != Site.Kind.KEYS && at.kind() != Site.Kind.VALUES) {
      return text.y();
    }
    int layer = Integer.parseInt(at.name().split("\\.")[2]);
    int part = 2 * layer + (at.kind() == Site.Kind.KEYS ? 0 : 1);
    double[] all = values.common("prompt_embeddings");
    double[][] y = text.y().clone();
    for (int t = 0; t < y.length; t++) {
      int from = (text.here()[t] * 4 + part) * 8;
      if (text.here()[t] >= 0) {
        y[t] = Arrays.copyOfRange(all, from, from + 8);
      }
    }
    return y;
  }

  @Test
  void isOneTensorAsPeftLaysItOutWithGroupedKeys() throws Exception {
    Adapter adapter = new Prefix().open(options(5), RandomModel.llama(family()));
    assertEquals("[prompt_embeddings[5, 32]]", adapter.schema().toString());
  }

  private static TestOptions options(int tokens) {
    return TestOptions.of(Prefix.Config.class, Map.of("tokens", tokens));
  }
}
