package fedllm.codecs.topk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.codec.Codec;
import fedllm.api.codec.Encoder;
import fedllm.api.plugin.Options;
import fedllm.codecs.RealAdapter;
import fedllm.testkit.CodecContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TopKTest implements CodecContract {

  private double share = 0.1;

  @Override
  public Codec codec() {
    return new TopK();
  }

  @Override
  public Options options() {
    return TestOptions.of(TopK.Config.class, Map.of("share", share));
  }

  @Test
  void keepsTheLargestMagnitudesWhateverTheirSign() {
    share = 0.4;
    assertArrayEquals(new float[] {0, -5, 0, 4, 0}, through(new float[] {1, -5, 3, 4, -2}));
  }

  @Test
  void ofEqualMagnitudesKeepsTheFirst() {
    share = 0.5;
    assertArrayEquals(new float[] {0, -2, 2, 3, 0, 0}, through(new float[] {1, -2, 2, 3, 2, -2}));
    assertArrayEquals(new float[4], through(new float[4]));
  }

  @Test
  void leavesTheKeptValuesToTheNextLink() {
    share = 0.5;
    Encoder encoder = codec().encoder(options(), Samples.SCOPE);
    Coded coded = CodecContract.encode(encoder, 1, Samples.unit(4), new float[] {1, -3, 0.5f, 2});
    assertArrayEquals(new float[] {-3, 2}, coded.left());
    assertArrayEquals(new byte[] {1, 1}, coded.side());
  }

  @Test
  void dropsNothingWhenAllIsKept() {
    share = 1;
    for (float[] values : Samples.finite()) {
      assertArrayEquals(values, through(values));
    }
  }

  /** The k-th largest by sorting is the oracle. */
  @Property(tries = 200)
  void keepsNothingSmallerThanWhatItDrops(
      @ForAll @Size(min = 1, max = 500) float[] values,
      @ForAll @IntRange(min = 1, max = 100) int percent) {
    share = percent / 100.0;
    int kept = (int) Math.min(values.length, Math.max(1, Math.round(share * values.length)));
    float[] back = through(values);
    float[] magnitudes = new float[values.length];
    int same = 0;
    for (int i = 0; i < values.length; i++) {
      magnitudes[i] = Math.abs(values[i]);
      assertTrue(back[i] == 0 || back[i] == values[i], "neither dropped nor kept");
      if (back[i] != 0) {
        same++;
      }
    }
    Arrays.sort(magnitudes);
    float threshold = magnitudes[values.length - kept];
    for (int i = 0; i < values.length; i++) {
      if (Math.abs(values[i]) > threshold) {
        assertEquals(values[i], back[i]);
      } else if (Math.abs(values[i]) < threshold) {
        assertEquals(0f, back[i]);
      }
    }
    assertTrue(threshold == 0 ? same <= kept : same == kept, same + " are kept, not " + kept);
  }

  @Test
  void dropsTheExpectedShareOfNormalNumbersEnergy() {
    float[] values = Samples.normal(1 << 18, 13);
    double dropped =
        RealAdapter.squaredDistance(values, through(values)) / RealAdapter.energy(values);
    assertEquals(0.558, dropped, 0.005);
  }

  @Test
  void contractsARealAdapterMoreThanTheBound() throws IOException {
    for (float[] values : RealAdapter.tensors()) {
      if (values.length >= 100) {
        double dropped =
            RealAdapter.squaredDistance(values, through(values)) / RealAdapter.energy(values);
        assertTrue(dropped <= 0.9, dropped + " of " + values.length);
      }
    }
  }

  @Test
  void refusesPositionsBeyondTheBlock() {
    share = 0.5;
    Coded coded = new Coded(new byte[] {1, 2}, new float[] {1, 2});
    assertThrows(
        IllegalArgumentException.class,
        () -> CodecContract.decode(codec().decoder(options()), coded, 4));
  }
}
