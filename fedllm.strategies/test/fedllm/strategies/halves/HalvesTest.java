package fedllm.strategies.halves;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import fedllm.api.error.Refused;
import fedllm.api.plugin.Options;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.strategies.fedavg.FedAvg;
import fedllm.strategies.krum.Krum;
import fedllm.testkit.AggregationContract;
import fedllm.testkit.TestOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HalvesTest implements AggregationContract {

  @Override
  public AggregationStrategy strategy() {
    return new Halves();
  }

  @Override
  public Options options() {
    return TestOptions.none().with("of", new FedAvg(), TestOptions.none());
  }

  @Test
  void wantsTwoOfEachTensorSideBySide() {
    Tensor a = new Tensor("q", "lora_A.weight", List.of(4L, 8L));
    Tensor b = new Tensor("", "scale", List.of());
    Schema update = new Halves().update(options(), new Schema(List.of(a, b)), Map.of());
    assertEquals(
        new Schema(
            List.of(
                new Tensor("q", "lora_A.weight.first", a.shape()),
                new Tensor("q", "lora_A.weight.second", a.shape()),
                new Tensor("", "scale.first", b.shape()),
                new Tensor("", "scale.second", b.shape()))),
        update);
  }

  @Test
  void takesAsManyMembersAsTheOtherStrategy() {
    Options krum =
        TestOptions.none()
            .with("of", new Krum(), TestOptions.of(Krum.Config.class, Map.of("byzantine", 1)));
    assertThrows(Refused.class, () -> new Halves().admit(krum, 3));
    new Halves().admit(krum, 5);
  }
}
