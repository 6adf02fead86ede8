package fedllm.strategies.scaffold;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.testkit.OptimizerContract;
import fedllm.testkit.Samples;
import fedllm.testkit.Snapshots;
import fedllm.testkit.TestOptions;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScaffoldTest implements OptimizerContract {

  private static final Unit CONTROL =
      Unit.block(new Tensor("fedllm.control.layer", "w", List.of(2L)), 0);

  @Override
  public ServerOptimizer optimizer() {
    return new Scaffold();
  }

  private static void begin(Descent descent, int number, String... clients) {
    List<Member> members = Stream.of(clients).map(client -> new Member(client, 1)).toList();
    descent.begin(new Round(number, members, Samples.SCHEMA, Samples.SCOPE));
  }

  private static float[] step(Descent descent, Unit unit, float[] global, float... update) {
    float[] next = new float[unit.length()];
    descent.step(unit, global, update, next);
    return next;
  }

  @Test
  void addsUpdatesByItsRate() {
    Descent descent =
        optimizer().open(TestOptions.of(Scaffold.Config.class, Map.of("rate", 0.5)), Samples.SCOPE);
    begin(descent, 1, "bank");
    assertArrayEquals(
        new float[] {11, 8}, step(descent, Samples.unit(2), new float[] {10, 10}, 2, -4));
  }

  @Test
  void keepsTheMeanOfAllClientsThatEverTookPart() throws IOException {
    Descent descent = optimizer().open(options(), Samples.SCOPE);
    begin(descent, 1, "bank", "clinic"); // c_bank 4 and 0, c_clinic 8 and 2
    float[] c = step(descent, CONTROL, new float[2], 6, 1);
    assertArrayEquals(new float[] {6, 1}, c);
    begin(descent, 2, "bank", "school"); // c_bank 6 and 0, c_school 0 and 6
    c = step(descent, CONTROL, c, 1, 3);
    assertArrayEquals(new float[] {14f / 3, 8f / 3}, c, 1e-6f);
    Descent resumed = optimizer().open(options(), Samples.SCOPE);
    Snapshots.move(optimizer(), descent, resumed);
    begin(resumed, 3, "clinic"); // c_clinic 2 and 2
    assertArrayEquals(new float[] {8f / 3, 8f / 3}, step(resumed, CONTROL, c, -6, 0), 1e-6f);
  }
}
