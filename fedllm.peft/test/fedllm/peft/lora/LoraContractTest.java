package fedllm.peft.lora;

import static fedllm.testkit.learning.PlainMethod.product;

import fedllm.learning.model.ModelFamily;
import fedllm.learning.model.Site;
import fedllm.learning.peft.PeftMethod;
import fedllm.models.llama.Llama;
import fedllm.peft.Others;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.PeftContract;
import fedllm.testkit.learning.PlainMethod;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

class LoraContractTest implements PeftContract {

  @Override
  public PeftMethod method() {
    return new Lora();
  }

  @Override
  public ModelFamily family() {
    return new Llama();
  }

  @Override
  public Stream<Case> cases() {
    return Stream.concat(
        Stream.of(
            use(Map.of("rank", 2), 8),
            use(Map.of("rank", 4, "alpha", 3, "scaling", "root", "targets", List.of("*")), 1.5),
            use(Map.of("rank", 2, "alpha", 3, "targets", List.of("embed_tokens", "lm_head")), 1.5),
            use(
                Map.of(
                    "rank", 2, "targets", List.of("up_proj"), "modulesToSave", List.of("o_proj")),
                8)),
        Others.with(TestOptions.of(Lora.Config.class, Map.of("rank", 2)), true));
  }

  private static Case use(Map<String, Object> options, double scale) {
    return new Case(
        TestOptions.of(Lora.Config.class, options), true, (at, text, v) -> at(scale, at, text, v));
  }

  private static double[][] at(
      double scale, Site at, PlainMethod.Text text, PlainMethod.Values values) {
    double[] whole = values.of(at, "weight");
    if (whole != null) {
      return product(whole, text.x());
    }
    double[] a = values.of(at, "lora_A.weight");
    double[] b = values.of(at, "lora_B.weight");
    double[] embedded = values.of(at, "lora_embedding_A");
    double[][] y = new double[text.length()][];
    double[][] more = null;
    if (a != null) {
      more = product(b, product(a, text.x()));
    } else if (embedded != null) {
      more = columns(embedded, values.of(at, "lora_embedding_B"), text.ids(), at.in());
    }
    for (int t = 0; t < y.length; t++) {
      y[t] = text.y()[t].clone();
      for (int i = 0; more != null && i < y[t].length; i++) {
        y[t][i] += scale * more[t][i];
      }
    }
    return y;
  }

  /** B times the column of A that is a token's own. */
  private static double[][] columns(double[] a, double[] b, int[] ids, int tokens) {
    double[][] chosen = new double[ids.length][a.length / tokens];
    for (int t = 0; t < ids.length; t++) {
      for (int r = 0; r < chosen[t].length; r++) {
        chosen[t][r] = a[r * tokens + ids[t]];
      }
    }
    return product(b, chosen);
  }
}
