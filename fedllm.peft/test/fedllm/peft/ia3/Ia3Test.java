package fedllm.peft.ia3;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.tensor.Tensor;
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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class Ia3Test implements PeftContract {

  @Override
  public PeftMethod method() {
    return new Ia3();
  }

  @Override
  public ModelFamily family() {
    return new Llama();
  }

  @Override
  public Stream<Case> cases() {
    Map<String, Object> some =
        Map.of("targets", List.of("q_proj"), "feedForward", List.of("gate_proj", "o_proj"));
    return Stream.concat(
        Stream.of(
            new Case(options(Map.of()), true, multiplying(Set.of("down_proj"))),
            new Case(options(some), true, multiplying(Set.of("gate_proj", "o_proj")))),
        Others.with(options(Map.of()), true));
  }

  @Test
  void namesAndShapesAreThoseOfPeft() throws Exception {
    Adapter adapter = method().open(options(Map.of()), RandomModel.llama(family()));
    List<Tensor> tensors = adapter.schema().tensors();
    assertEquals(
        "base_model.model.model.layers.0.self_attn.k_proj.ia3_l[8, 1]", tensors.get(0).toString());
    assertEquals(
        "base_model.model.model.layers.0.mlp.down_proj.ia3_l[1, 24]", tensors.get(2).toString());
    assertEquals(6, tensors.size());
    JsonNode config = new ObjectMapper().readTree(adapter.files().get("adapter_config.json"));
    assertEquals("IA3", config.get("peft_type").asText());
    assertEquals("[\"k_proj\",\"v_proj\",\"down_proj\"]", config.get("target_modules").toString());
    assertEquals("[\"down_proj\"]", config.get("feedforward_modules").toString());
  }

  private static TestOptions options(Map<String, Object> values) {
    return TestOptions.of(Ia3.Config.class, values);
  }

  private static PlainMethod multiplying(Set<String> inputs) {
    return (Site at, PlainMethod.Text text, PlainMethod.Values values) -> {
      double[] l = values.of(at, "ia3_l");
      if (l == null) {
        return text.y();
      }
      return inputs.contains(at.part())
          ? text.base().apply(times(text.x(), l))
          : times(text.y(), l);
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
}
