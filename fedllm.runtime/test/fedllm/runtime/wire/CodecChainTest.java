package fedllm.runtime.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.codec.Compression;
import fedllm.api.codec.Decoder;
import fedllm.api.codec.Encoder;
import fedllm.api.error.SitsOut;
import fedllm.api.plugin.Options;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.codecs.bf16.Bf16;
import fedllm.codecs.errorfeedback.ErrorFeedback;
import fedllm.codecs.int8.Int8;
import fedllm.codecs.topk.TopK;
import fedllm.codecs.zstd.ZStd;
import fedllm.testkit.Samples;
import fedllm.testkit.TestOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The chains that jobs use, through the whole wire. */
class CodecChainTest {

  private static final List<String> LOSSY = List.of("errorfeedback", "int8", "zstd");
  private static final Schema SCHEMA =
      new Schema(
          List.of(
              new Tensor("layers.0.q", "lora_A.weight", List.of(8L, 64L)),
              new Tensor("layers.0.q", "lora_B.weight", List.of(64L, 8L)),
              new Tensor("", "scale", List.of())));

  private final Options share = TestOptions.of(TopK.Config.class, Map.of("share", 0.1));
  private final Options feedback =
      TestOptions.of(ErrorFeedback.Config.class, Map.of()).with("of", new TopK(), share);
  private final Options none = TestOptions.none();

  private FrameEncoder lossyEncoder() {
    List<Encoder> encoders =
        List.of(
            new ErrorFeedback().encoder(feedback, Samples.SCOPE),
            new Int8().encoder(none, Samples.SCOPE));
    List<Compression> compressions = List.of(new ZStd().open(none));
    return new FrameEncoder(LOSSY, encoders, compressions);
  }

  private FrameDecoder lossyDecoder() {
    List<Decoder> decoders =
        List.of(new ErrorFeedback().decoder(feedback), new Int8().decoder(none));
    return new FrameDecoder(LOSSY, decoders, List.of(new ZStd().open(none)));
  }

  @Test
  void largestValuesArriveWithinHalfAStep() throws IOException {
    Tensors sent = some(1);
    Tensors back = read(bytes(lossyEncoder(), sent), lossyDecoder());
    for (int t = 0; t < 2; t++) {
      float[] values = sent.values(t);
      float max = 0;
      for (float value : values) {
        max = Math.max(max, Math.abs(value));
      }
      int kept = 0;
      for (int i = 0; i < values.length; i++) {
        if (back.values(t)[i] != 0) {
          kept++;
          assertEquals(values[i], back.values(t)[i], max / 127 / 2 * 1.0001f);
        }
      }
      assertEquals(51, kept);
    }
  }

  @Test
  void damageIsRefusedOrSeenByTheHash() throws IOException {
    byte[] whole = bytes(lossyEncoder(), some(1));
    SplittableRandom random = new SplittableRandom(1);
    int refused = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
      if (i % 3 == 0) {
        damaged = Arrays.copyOf(damaged, random.nextInt(whole.length));
      }
      PayloadReader reader = new PayloadReader("x", SCHEMA, lossyDecoder(), (unit, values) -> {});
      try {
        reader.read(ByteBuffer.wrap(damaged));
      } catch (SitsOut e) {
        refused++;
      }
    }
    assertTrue(refused > 500, refused + " of 3000 were refused before the hash was known");
  }

  /** Written by version 1; whatever changes, what is in logs and at silos must stay readable. */
  @Test
  void goldenPayloadsStayReadable() throws IOException {
    Path golden = Path.of("test/fedllm/runtime/wire/golden");
    Tensors plain =
        read(Files.readAllBytes(golden.resolve("plain.safetensors")), FrameDecoder.plain());
    assertArrayEquals(some(1).values(0), plain.values(0));
    FrameDecoder bf16 =
        new FrameDecoder(List.of("bf16"), List.of(new Bf16().decoder(none)), List.of());
    Tensors half = read(Files.readAllBytes(golden.resolve("bf16.safetensors")), bf16);
    Tensors lossy =
        read(
            Files.readAllBytes(golden.resolve("errorfeedback-int8-zstd.safetensors")),
            lossyDecoder());
    Tensors now = read(bytes(lossyEncoder(), some(1)), lossyDecoder());
    for (int t = 0; t < 3; t++) {
      assertArrayEquals(now.values(t), lossy.values(t));
      for (int i = 0; i < half.values(t).length; i++) {
        float value = plain.values(t)[i];
        assertEquals(value, half.values(t)[i], Math.abs(value) / 256);
      }
    }
  }

  private static byte[] bytes(FrameEncoder chain, Tensors tensors) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    new PayloadWriter(chain).write(1, SCHEMA, Blocks.of(tensors), Map.of(), all::writeBytes);
    return all.toByteArray();
  }

  private static Tensors read(byte[] bytes, FrameDecoder chain) {
    TensorSink sink = new TensorSink();
    PayloadReader reader = new PayloadReader("x", SCHEMA, chain, sink);
    reader.read(ByteBuffer.wrap(bytes));
    return sink.tensors(reader.schema());
  }

  private static Tensors some(long seed) {
    return new Tensors(
        SCHEMA,
        SCHEMA.tensors().stream()
            .map(tensor -> Samples.normal((int) tensor.size(), seed + tensor.name().length()))
            .toList());
  }
}
