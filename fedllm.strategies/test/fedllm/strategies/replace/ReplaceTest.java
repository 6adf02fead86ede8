package fedllm.strategies.replace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import fedllm.api.error.Ends;
import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.testkit.OptimizerContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplaceTest implements OptimizerContract {

  private final Descent descent = optimizer().open(TestOptions.none(), Samples.SCOPE);

  @Override
  public ServerOptimizer optimizer() {
    return new Replace();
  }

  @Test
  void theCombinedValuesAreTheNextState() {
    float[] next = new float[2];
    descent.step(Samples.unit(2), new float[] {1, 2}, new float[] {4, -4}, next);
    assertArrayEquals(new float[] {4, -4}, next);
  }

  @Test
  void modulesThatWereCombinedTakeTheirNewShapes() {
    Tensor wide = new Tensor("wide", "a", List.of(2L, 3L));
    Tensor wider = new Tensor("wide", "a", List.of(5L, 3L));
    Tensor other = new Tensor("other", "b", List.of(4L));
    assertEquals(
        new Schema(List.of(wider, other)),
        descent.next(new Schema(List.of(wide, other)), new Schema(List.of(wider))));
  }

  @Test
  void aModuleThatTheStateLacksIsRefusedByName() {
    Schema global = new Schema(List.of(new Tensor("here", "a", List.of(1L))));
    Schema combined = new Schema(List.of(new Tensor("there", "a", List.of(1L))));
    Ends ends = assertThrows(Ends.class, () -> descent.next(global, combined));
    assertEquals("the global state has no module there", ends.getMessage());
  }
}
