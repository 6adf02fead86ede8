package fedllm.codecs.integers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.codec.Codec;
import fedllm.testkit.CodecContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.nio.ByteBuffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class IntegersTest implements CodecContract {

  @Override
  public Codec codec() {
    return new Integers();
  }

  /** The bytes of a block, and how many values were left. */
  private int[] code(float... values) {
    ByteBuffer side = ByteBuffer.allocate(1 + 3 * values.length);
    int left =
        codec()
            .encoder(TestOptions.none(), Samples.SCOPE)
            .encode(1, Samples.unit(values.length), values.clone(), values.length, side);
    return new int[] {side.position(), left};
  }

  @Test
  void takesTheBytesThatTheLargestNeeds() {
    assertArrayEquals(new int[] {4, 0}, code(0, 7, 255));
    assertArrayEquals(new int[] {5, 0}, code(0, 256));
    assertArrayEquals(new int[] {5, 0}, code(65_535, 1));
    assertArrayEquals(new int[] {4, 0}, code(65_536));
    assertArrayEquals(new int[] {4, 0}, code((1 << 24) - 1));
  }

  @Test
  void leavesWhatIsNoSuchNumber() {
    for (float other : new float[] {-1, 0.5f, 1 << 24, -0f, Float.NaN, 1e30f}) {
      assertArrayEquals(new int[] {1, 2}, code(3, other), "" + other);
    }
  }

  @Property(tries = 200)
  void givesEveryNumberBack(@ForAll @IntRange(max = (1 << 24) - 1) int number) {
    assertEquals(number, through(new float[] {1, number})[1]);
  }
}
