package fedllm.peft.several;

import static fedllm.testkit.learning.PlainMethod.product;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Choice;
import fedllm.api.tensor.Tensor;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.model.Site;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.PeftMethod;
import fedllm.models.llama.Llama;
import fedllm.peft.Others;
import fedllm.peft.ia3.Ia3;
import fedllm.peft.lora.Lora;
import fedllm.peft.prompt.Prompt;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.PeftContract;
import fedllm.testkit.learning.PlainMethod;
import fedllm.testkit.learning.RandomModel;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SeveralTest implements PeftContract {

  @Override
  public PeftMethod method() {
    return new Several();
  }

  @Override
  public List<PeftMethod> readers() {
    return List.of(new Several(), new Lora(), new Ia3(), new Prompt());
  }

  @Override
  public ModelFamily family() {
    return new Llama();
  }

  @Override
  public Stream<Case> cases() {
    TestOptions mixed =
        options(
            List.of("shared", "soft", "own", "harder"),
            lora("q_proj", 2),
            prompt(2),
            lora("q_proj", 1),
            prompt(1));
    TestOptions nested = options(List.of(), lora("down_proj", 2), ia3());
    return Stream.concat(
        Stream.of(
            new Case(mixed, false, SeveralTest::mixed),
            new Case(nested, true, SeveralTest::nested)),
        Others.with(options(List.of(), new Choice<>(new Lora(), none()), prompt(2)), false));
  }

  /** Two products beside one layer, two prompts one after the other. */
  private static double[][] mixed(Site at, PlainMethod.Text text, PlainMethod.Values values) {
    if (at.part().equals("q_proj")) {
      double[][] shared = beside(at, "shared", text.base(), values).apply(text.x());
      return beside(at, "own", x -> shared, values).apply(text.x());
    }
    double[][] y = text.y().clone();
    for (int t = 0; at.kind() == Site.Kind.EMBEDDING && t < y.length; t++) {
      int place = text.here()[t];
      if (place >= 0) {
        double[] rows = values.common("prompt_embeddings." + (place < 2 ? "soft" : "harder"));
        int from = (place < 2 ? place : place - 2) * at.out();
        y[t] = Arrays.copyOfRange(rows, from, from + at.out());
      }
    }
    return y;
  }

  /** Factors before a layer that has a product beside it: they reach both. */
  private static double[][] nested(Site at, PlainMethod.Text text, PlainMethod.Values values) {
    double[] l = values.of(at, "ia3_l.ia3");
    if (l == null) {
      return text.y();
    }
    return at.part().equals("down_proj")
        ? beside(at, "lora", text.base(), values).apply(times(text.x(), l))
        : times(text.y(), l);
  }

  private static UnaryOperator<double[][]> beside(
      Site at, String name, UnaryOperator<double[][]> base, PlainMethod.Values values) {
    return x -> {
      double[] a = values.of(at, "lora_A." + name + ".weight");
      double[][] more = product(values.of(at, "lora_B." + name + ".weight"), product(a, x));
      double[][] y = base.apply(x);
      double[][] sum = new double[y.length][y[0].length];
      for (int t = 0; t < y.length; t++) {
        for (int i = 0; i < y[t].length; i++) {
          sum[t][i] = y[t][i] + 3 * more[t][i];
        }
      }
      return sum;
    };
  }

  private static double[][] times(double[][] x, double[] l) {
    double[][] y = new double[x.length][l.length];
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < l.length; i++) {
        y[t][i] = x[t][i] * l[i];
      }
    }
    return y;
  }

  @Test
  void tellsTensorsApartAsPeftDoesInMemory() throws Exception {
    Adapter adapter =
        open(options(List.of(), lora("q_proj", 2), lora("q_proj", 2), prompt(1), ia3()));
    List<String> names = adapter.schema().tensors().stream().map(Tensor::name).toList();
    String site = "base_model.model.model.layers.0.self_attn.";
    assertTrue(names.contains(site + "q_proj.lora_A.lora.weight"), names.toString());
    assertTrue(names.contains(site + "q_proj.lora_A.lora2.weight"), names.toString());
    assertTrue(names.contains(site + "k_proj.ia3_l.ia3"), names.toString());
    assertTrue(names.contains("prompt_embeddings.prompt"), names.toString());
    assertEquals(1, adapter.allPlaces());
  }

  @Test
  void refusesNamesThatDoNotFit() {
    for (List<String> names :
        List.of(List.of("one"), List.of("one", "one"), List.of("one", "a.b"))) {
      TestOptions options = options(names, lora("q_proj", 2), prompt(1));
      assertThrows(SitsOut.class, () -> open(options), names.toString());
    }
    assertThrows(SitsOut.class, () -> open(options(List.of())));
  }

  private Adapter open(TestOptions options) throws Exception {
    return method().open(options, RandomModel.llama(family()));
  }

  private static TestOptions options(List<String> names, Choice<?>... of) {
    return TestOptions.of(Several.Config.class, Map.of("names", names)).with("of", List.of(of));
  }

  private static TestOptions none() {
    return TestOptions.none();
  }

  private static Choice<?> lora(String target, int rank) {
    Map<String, Object> values =
        Map.of("targets", List.of(target), "rank", rank, "alpha", 3 * rank);
    return new Choice<>(new Lora(), TestOptions.of(Lora.Config.class, values));
  }

  private static Choice<?> prompt(int tokens) {
    return new Choice<>(
        new Prompt(), TestOptions.of(Prompt.Config.class, Map.of("tokens", tokens)));
  }

  private static Choice<?> ia3() {
    return new Choice<>(new Ia3(), none());
  }
}
