package fedllm.strategies.moments;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.testkit.Samples;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class MomentTest {

  private static final Tensor LARGE = new Tensor("m", "a", List.of(300_000L));
  private static final Tensor SMALL = new Tensor("m", "b", List.of(7L));

  @Test
  void remembersByPlaceHoweverUnitsAreCut() {
    Moment moment = new Moment(0.5f);
    float[] fresh = new float[7];
    moment.load(new Unit(List.of(SMALL), 0, 7), fresh);
    assertArrayEquals(new float[] {.5f, .5f, .5f, .5f, .5f, .5f, .5f}, fresh);

    float[] module = Samples.normal(300_007, 1);
    moment.store(new Unit(List.of(LARGE, SMALL), 0, 300_007), module);
    for (int at : new int[] {0, 262_000, 299_000}) { // the second over the edge of a block
      float[] piece = new float[1000];
      moment.load(new Unit(List.of(LARGE), at, 1000), piece);
      assertArrayEquals(Arrays.copyOfRange(module, at, at + 1000), piece);
    }
    float[] tail = new float[7];
    moment.load(new Unit(List.of(SMALL), 0, 7), tail);
    assertArrayEquals(Arrays.copyOfRange(module, 300_000, 300_007), tail);
  }
}
