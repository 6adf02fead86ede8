package fedllm.runtime.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class PayloadPropertiesTest {

  @Property(tries = 300)
  void anyPayloadArrivesHoweverItIsCut(
      @ForAll("payloads") Tensors sent,
      @ForAll boolean plain,
      @ForAll @IntRange(min = 1, max = 4000) int cut)
      throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Payload payload =
        new PayloadWriter(Links.encoder(plain))
            .write(3, sent.schema(), Blocks.of(sent), Map.of(), all::writeBytes);
    TensorSink sink = new TensorSink();
    PayloadReader reader = new PayloadReader("x", sent.schema(), Links.decoder(plain), sink);
    byte[] bytes = all.toByteArray();
    for (int at = 0; at < bytes.length; at += cut) {
      reader.read(ByteBuffer.wrap(bytes, at, Math.min(cut, bytes.length - at)));
    }
    reader.end(payload.bytes(), payload.sha256());
    Tensors back = sink.tensors(reader.schema());
    assertEquals(sent.schema(), back.schema());
    for (int t = 0; t < sent.schema().tensors().size(); t++) {
      assertArrayEquals(sent.values(t), back.values(t));
    }
  }

  /** Anything but a refusal fails the property: another exception, or wrong bytes that pass. */
  @Property(tries = 2000)
  void damagedPayloadIsRefused(
      @ForAll("payloads") Tensors sent,
      @ForAll boolean plain,
      @ForAll boolean knowsSchema,
      @ForAll @Size(min = 1, max = 4) List<@IntRange(min = 0) Integer> places,
      @ForAll Random random)
      throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Payload payload =
        new PayloadWriter(Links.encoder(plain))
            .write(3, sent.schema(), Blocks.of(sent), Map.of(), all::writeBytes);
    byte[] bytes = all.toByteArray();
    byte[] damaged = bytes.clone();
    for (int place : places) {
      damaged[place % bytes.length] ^= (byte) (1 << random.nextInt(8));
    }
    if (random.nextInt(4) == 0) {
      damaged = Arrays.copyOf(damaged, random.nextInt(bytes.length));
    }
    TensorSink sink = new TensorSink();
    Schema schema = knowsSchema ? sent.schema() : null;
    PayloadReader reader = new PayloadReader("x", schema, Links.decoder(plain), sink);
    try {
      reader.read(ByteBuffer.wrap(damaged));
      reader.end(payload.bytes(), payload.sha256());
    } catch (SitsOut refused) {
      return;
    }
    assertArrayEquals(bytes, damaged);
  }

  @Provide
  Arbitrary<Tensors> payloads() {
    Arbitrary<List<Long>> shapes = Arbitraries.longs().between(1, 12).list().ofMaxSize(3);
    Arbitrary<String> names = Arbitraries.strings().ofMaxLength(8);
    return Combinators.combine(
            shapes.list().ofMaxSize(5), names, Arbitraries.randomValue(Random::nextLong))
        .as(PayloadPropertiesTest::tensors);
  }

  private static Tensors tensors(List<List<Long>> shapes, String name, long seed) {
    Random random = new Random(seed);
    List<Tensor> tensors = new ArrayList<>();
    for (List<Long> shape : shapes) {
      tensors.add(new Tensor(name.isBlank() ? "m" : name, "p" + tensors.size(), shape));
    }
    Tensors values = new Tensors(new Schema(tensors));
    for (int t = 0; t < tensors.size(); t++) {
      float[] array = values.values(t);
      for (int i = 0; i < array.length; i++) {
        array[i] = random.nextBoolean() ? 0 : (float) random.nextGaussian();
      }
    }
    return values;
  }
}
