package fedllm.peft.bottleneck;

import static fedllm.testkit.learning.PlainMethod.product;
import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.learning.model.ModelFamily;
import fedllm.learning.model.Site;
import fedllm.learning.peft.PeftMethod;
import fedllm.models.llama.Llama;
import fedllm.peft.Others;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.PeftContract;
import fedllm.testkit.learning.PlainMethod;
import fedllm.testkit.learning.RandomModel;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BottleneckTest implements PeftContract {

  @Override
  public PeftMethod method() {
    return new Bottleneck();
  }

  @Override
  public ModelFamily family() {
    return new Llama();
  }

  @Override
  public Stream<Case> cases() {
    return Stream.concat(
        Stream.of(
            use(Map.of("size", 3, "activation", "tanh"), Math::tanh),
            use(
                Map.of("size", 2, "activation", "silu", "placement", "pfeiffer"),
                x -> x / (1 + Math.exp(-x))),
            use(Map.of("size", 2, "targets", List.of("layers.1.self_attn")), x -> Math.max(0, x))),
        Others.with(TestOptions.of(Bottleneck.Config.class, Map.of("size", 2)), true));
  }

  private static Case use(Map<String, Object> options, DoubleUnaryOperator f) {
    return new Case(
        TestOptions.of(Bottleneck.Config.class, options),
        true,
        (at, text, values) -> at(f, at, text, values));
  }

  private static double[][] at(
      DoubleUnaryOperator f, Site at, PlainMethod.Text text, PlainMethod.Values values) {
    double[] down = values.of(at, "adapter_down.weight");
    if (down == null) {
      return text.y();
    }
    double[][] inner = plus(product(down, text.y()), values.of(at, "adapter_down.bias"));
    for (double[] row : inner) {
      for (int i = 0; i < row.length; i++) {
        row[i] = f.applyAsDouble(row[i]);
      }
    }
    double[][] up = product(values.of(at, "adapter_up.weight"), inner);
    double[][] y = plus(up, values.of(at, "adapter_up.bias"));
    for (int t = 0; t < y.length; t++) {
      y[t] = plus(new double[][] {y[t]}, text.y()[t])[0];
    }
    return y;
  }

  private static double[][] plus(double[][] x, double[] bias) {
    double[][] y = new double[x.length][bias.length];
    for (int t = 0; t < x.length; t++) {
      for (int i = 0; i < bias.length; i++) {
        y[t][i] = x[t][i] + bias[i];
      }
    }
    return y;
  }

  @Test
  void standsBehindAttentionAndFeedForwardOrBehindTheLastOfEachLayer() throws Exception {
    assertEquals(List.of("self_attn", "mlp", "self_attn", "mlp"), parts("houlsby"));
    assertEquals(List.of("mlp", "mlp"), parts("pfeiffer"));
  }

  private List<String> parts(String placement) throws Exception {
    TestOptions options = TestOptions.of(Bottleneck.Config.class, Map.of("placement", placement));
    return method().open(options, RandomModel.llama(family())).grafts().stream()
        .map(graft -> graft.at().part())
        .toList();
  }
}
