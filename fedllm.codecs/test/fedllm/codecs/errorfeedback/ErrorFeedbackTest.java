package fedllm.codecs.errorfeedback;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.codec.Codec;
import fedllm.api.codec.Decoder;
import fedllm.api.codec.Encoder;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Stateful;
import fedllm.api.tensor.Unit;
import fedllm.codecs.topk.TopK;
import fedllm.testkit.CodecContract;
import fedllm.testkit.Samples;
import fedllm.testkit.Snapshots;
import fedllm.testkit.TestOptions;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ErrorFeedbackTest implements CodecContract {

  private static final Unit UNIT = Samples.unit(1000);

  @Override
  public Codec codec() {
    return new ErrorFeedback();
  }

  @Override
  public Options options() {
    return TestOptions.of(ErrorFeedback.Config.class, Map.of("of", "topk"))
        .with("of", new TopK(), TestOptions.of(TopK.Config.class, Map.of("share", 0.02)));
  }

  /** What was put in has come out, but for what is remembered; the memory is sent by zeros. */
  @Test
  void sumOfWhatIsSentIsTheSumOfUpdatesLessTheMemory() {
    Encoder encoder = codec().encoder(options(), Samples.SCOPE);
    double[] missing = new double[1000];
    for (int round = 1; round <= 200; round++) {
      float[] update = Samples.normal(1000, round);
      float[] sent = send(encoder, round, update);
      for (int i = 0; i < 1000; i++) {
        missing[i] += (double) update[i] - sent[i];
      }
    }
    double before = largest(missing);
    assertTrue(before > 1, "nothing was remembered: " + before);
    for (int round = 201; round <= 250; round++) {
      float[] sent = send(encoder, round, new float[1000]);
      for (int i = 0; i < 1000; i++) {
        missing[i] -= sent[i];
      }
    }
    assertEquals(0, largest(missing), 1e-4);
  }

  @Test
  void whatIsNotFiniteIsNotRemembered() throws IOException {
    Encoder encoder = codec().encoder(options(), Samples.SCOPE);
    send(encoder, 1, Samples.normal(1000, 1));
    byte[] before = Snapshots.bytes((Stateful) encoder);
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] update = Samples.normal(1000, 2);
      update[17] = bad;
      CodecContract.encode(encoder, 2, UNIT, update);
      assertArrayEquals(before, Snapshots.bytes((Stateful) encoder));
    }
    for (float value : send(encoder, 3, Samples.normal(1000, 3))) {
      assertTrue(Float.isFinite(value));
    }
  }

  @Test
  void aLostRoundIsPutBack() throws IOException {
    Encoder encoder = codec().encoder(options(), Samples.SCOPE);
    send(encoder, 1, Samples.normal(1000, 1));
    byte[] closed = Snapshots.bytes((Stateful) encoder);
    float[] lost = send(encoder, 2, Samples.normal(1000, 2));
    ((Stateful) encoder).restore(new DataInputStream(new ByteArrayInputStream(closed)));
    assertArrayEquals(lost, send(encoder, 2, Samples.normal(1000, 2)));
  }

  @Test
  void remembersWhatItWrapsAsWell() throws IOException {
    Options nested =
        TestOptions.of(ErrorFeedback.Config.class, Map.of("of", "errorfeedback"))
            .with("of", codec(), options());
    Encoder one = codec().encoder(nested, Samples.SCOPE);
    Encoder other = codec().encoder(nested, Samples.SCOPE);
    send(one, 1, Samples.normal(1000, 1));
    Snapshots.move(codec(), one, other);
    float[] next = Samples.normal(1000, 2);
    assertArrayEquals(send(one, 2, next), send(other, 2, next));
  }

  @Test
  void mustComeFirst() {
    Encoder encoder = codec().encoder(options(), Samples.SCOPE);
    ByteBuffer side = ByteBuffer.allocate(encoder.maxSideBytes(9));
    assertThrows(SitsOut.class, () -> encoder.encode(1, UNIT, new float[9], 9, side));
  }

  private float[] send(Encoder encoder, int round, float[] update) {
    Decoder decoder = codec().decoder(options());
    return CodecContract.decode(decoder, CodecContract.encode(encoder, round, UNIT, update), 1000);
  }

  private static double largest(double[] values) {
    double max = 0;
    for (double value : values) {
      max = Math.max(max, Math.abs(value));
    }
    return max;
  }
}
