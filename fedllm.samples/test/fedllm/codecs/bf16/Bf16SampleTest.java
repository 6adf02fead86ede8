package fedllm.codecs.bf16;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import fedllm.api.codec.Codec;
import fedllm.testkit.CodecContract;
import org.junit.jupiter.api.Test;

class Bf16SampleTest implements CodecContract {

  @Override
  public Codec codec() {
    return new Bf16();
  }

  @Test
  void roundsToNearestAndTiesToEven() {
    float ulp = 0x1p-7f;
    float[] values = {1, 1 + ulp / 2, 1 + 3 * ulp / 2, 1 + ulp * 0.501f, -0f, Float.MAX_VALUE};
    assertArrayEquals(new float[] {1, 1, 1 + 2 * ulp, 1 + ulp, -0f, 0x1.FEp127f}, through(values));
  }
}
