package fedllm.codecs.int8;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.codec.Codec;
import fedllm.codecs.RealAdapter;
import fedllm.testkit.CodecContract;
import fedllm.testkit.Samples;
import java.io.IOException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class Int8Test implements CodecContract {

  @Override
  public Codec codec() {
    return new Int8();
  }

  /** Half a step of a block's largest magnitude, and what float arithmetic adds to it. */
  @Property(tries = 200)
  void isWithinHalfAStep(@ForAll @Size(min = 1, max = 300) float[] values) {
    float[] back = through(values);
    for (int from = 0; from < values.length; from += 64) {
      int to = Math.min(values.length, from + 64);
      double max = 0;
      for (int i = from; i < to; i++) {
        max = Math.max(max, Math.abs(values[i]));
      }
      double half = Math.max(max / 127 / 2, Float.MIN_VALUE) * 1.0001;
      for (int i = from; i < to; i++) {
        assertTrue(Math.abs((double) back[i] - values[i]) <= half, values[i] + " " + back[i]);
      }
    }
  }

  /** The largest of 64 has a mean square of 6.914; each of the other 63 errs by s^2 / 12. */
  @Test
  void hasTheExpectedErrorOnNormalNumbers() {
    float[] values = Samples.normal(1 << 18, 11);
    double error =
        RealAdapter.squaredDistance(values, through(values)) / RealAdapter.energy(values);
    assertEquals(6.914 / (127 * 127) / 12 * 63 / 64, error, 0.05e-5);
  }

  @Test
  void roundsTiesToEven() {
    float[] back = through(new float[] {127, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 126.5f});
    float[] expected = {127, 0, 2, 2, 0, -2, 126};
    for (int i = 0; i < back.length; i++) {
      assertEquals(expected[i], back[i] + 0f);
    }
  }

  @Test
  void keepsARealAdapterToAPartInTenThousand() throws IOException {
    for (float[] values : RealAdapter.tensors()) {
      double error = RealAdapter.squaredDistance(values, through(values));
      assertTrue(error <= 1e-4 * RealAdapter.energy(values), error + " of " + values.length);
    }
  }

  @Test
  void whatIsNoNumberDecodesToNone() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      float[] back = through(new float[] {1, bad, 2});
      float sum = back[0] + back[1] + back[2];
      assertTrue(!Float.isFinite(sum), "a value that is not finite was made up: " + sum);
    }
  }

  @Test
  void refusesValuesThatItNeverLeaves() {
    Coded coded = new Coded(new byte[4], new float[] {1});
    assertThrows(
        IllegalArgumentException.class,
        () -> CodecContract.decode(codec().decoder(options()), coded, 1));
  }
}
