package fedllm.strategies.stack;

import static fedllm.strategies.FoldingModules.apart;
import static fedllm.strategies.FoldingModules.lora;
import static fedllm.strategies.FoldingModules.normal;
import static fedllm.strategies.FoldingModules.product;
import static fedllm.strategies.FoldingModules.sum;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Ends;
import fedllm.api.optimizer.Descent;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StackTest {

  private static final double[] BOTH = {1, 1};
  private final Descent stack = new Stack().open(TestOptions.none(), Samples.SCOPE);

  private Tensors step(Tensors global, Tensors combined) {
    stack.begin(2);
    Schema next = stack.next(global.schema(), combined.schema());
    Unit unit = next.modules().get(0);
    float[] values = new float[unit.length()];
    stack.step(unit, flat(global), flat(combined), values);
    Tensors result = new Tensors(next);
    int at = 0;
    for (int t = 0; t < next.tensors().size(); t++) {
      System.arraycopy(values, at, result.values(t), 0, result.values(t).length);
      at += result.values(t).length;
    }
    return result;
  }

  private static float[] flat(Tensors tensors) {
    float[] all = new float[(int) tensors.schema().size() + 7];
    int at = 0;
    for (int t = 0; t < tensors.schema().tensors().size(); t++) {
      System.arraycopy(tensors.values(t), 0, all, at, tensors.values(t).length);
      at += tensors.values(t).length;
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 12, 13, 30, 60})
  void addsTheProductsAlsoWhereTheRanksPassTheLayersWidth(int rank) {
    Tensors global = normal(lora(8, 30, 20), 1);
    Tensors combined = normal(lora(rank, 30, 20), 2);
    Tensors next = step(global, combined);
    assertEquals(
        List.of((long) Math.min(20, 8 + rank), 30L), next.schema().tensors().get(0).shape());
    assertEquals(0, apart(sum(BOTH, global, combined), product(next)), 1e-6);
  }

  @Test
  void leavesWhatWasThereAsItWas() {
    Tensors global = normal(lora(8, 30, 20), 1);
    Tensors next = step(global, normal(lora(2, 30, 20), 2));
    for (int i = 0; i < 8 * 30; i++) {
      assertEquals(global.values(0)[i], next.values(0)[i]);
    }
  }

  @Test
  void replacesWhatIsNoFactor() {
    Tensor bias = new Tensor("m", "bias", List.of(5L));
    Tensor a = new Tensor("m", "lora_A.weight", List.of(2L, 6L));
    Tensor b = new Tensor("m", "lora_B.weight", List.of(4L, 2L));
    Tensors global = normal(new Schema(List.of(a, bias, b)), 1);
    Tensors combined = normal(new Schema(List.of(a, bias, b)), 2);
    Tensors next = step(global, combined);
    assertEquals(4, next.schema().tensors().get(0).shape().get(0));
    for (int i = 0; i < 5; i++) {
      assertEquals(combined.values("m.bias")[i], next.values("m.bias")[i]);
    }
  }

  @Test
  void refusesFactorsThatTheStateLacks() {
    Schema other =
        new Schema(
            List.of(
                new Tensor("n", "lora_A.weight", List.of(2L, 6L)),
                new Tensor("n", "lora_B.weight", List.of(4L, 2L))));
    Ends ends = assertThrows(Ends.class, () -> stack.next(lora(2, 6, 4), other));
    assertTrue(ends.getMessage().contains("take the strategy flora"), ends.getMessage());
  }

  @Test
  void tellsOtherToolsTheRanksThatItGrewTo() throws IOException {
    Schema state =
        new Schema(
            List.of(
                new Tensor("base_model.model.x.q", "lora_A.weight", List.of(40L, 64L)),
                new Tensor("base_model.model.x.q", "lora_B.weight", List.of(64L, 40L)),
                new Tensor("base_model.model.x.v", "lora_A.weight", List.of(32L, 64L)),
                new Tensor("base_model.model.x.v", "lora_B.weight", List.of(32L, 32L))));
    JsonNode plain = config("{\"r\": 8, \"lora_alpha\": 16.0, \"bias\": \"none\"}", state);
    assertEquals(40, plain.get("r").asInt());
    assertEquals(80, plain.get("lora_alpha").asDouble());
    assertEquals(
        Map.of("x.v", 32), new ObjectMapper().convertValue(plain.get("rank_pattern"), Map.class));
    assertEquals(64, plain.at("/alpha_pattern/x.v").asDouble());
    assertEquals("none", plain.get("bias").asText());
    JsonNode root =
        config(
            "{\"r\": 10, \"lora_alpha\": 16.0, \"use_rslora\": true}",
            state.only("base_model.model.x.q"::equals));
    assertEquals(32, root.get("lora_alpha").asDouble(), 1e-12);
    assertFalse(root.has("rank_pattern"));
  }

  private JsonNode config(String text, Schema state) throws IOException {
    return new ObjectMapper()
        .readTree(
            stack.files(Map.of("adapter_config.json", text), state).get("adapter_config.json"));
  }
}
