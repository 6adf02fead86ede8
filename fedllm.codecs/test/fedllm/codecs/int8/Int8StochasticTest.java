package fedllm.codecs.int8;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.codec.Codec;
import fedllm.api.codec.Encoder;
import fedllm.api.plugin.Options;
import fedllm.testkit.CodecContract;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;

class Int8StochasticTest implements CodecContract {

  @Override
  public Codec codec() {
    return new Int8();
  }

  @Override
  public Options options() {
    return TestOptions.of(Int8.Config.class, Map.of("stochastic", true, "block", 32));
  }

  @Test
  void isRightOnAverage() {
    float[] values = Samples.normal(96, 12);
    double[] sums = new double[96];
    Encoder encoder = codec().encoder(options(), Samples.SCOPE);
    int rounds = 4000;
    for (int round = 1; round <= rounds; round++) {
      Coded coded = CodecContract.encode(encoder, round, Samples.unit(96), values);
      float[] back = CodecContract.decode(codec().decoder(options()), coded, 96);
      for (int i = 0; i < 96; i++) {
        sums[i] += back[i];
      }
    }
    // A step is about 0.02; the mean of 4000 lots strays by less than 1/120 of it, mostly.
    for (int i = 0; i < 96; i++) {
      assertEquals(values[i], sums[i] / rounds, 0.001);
    }
  }
}
