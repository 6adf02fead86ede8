package fedllm.runtime.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.transport.Transport;
import fedllm.format.Dtype;
import fedllm.format.HeaderJson;
import fedllm.format.SafetensorsFile;
import fedllm.format.SafetensorsHeader;
import fedllm.format.SchemaText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PayloadTest {

  private static final Tensor WIDE =
      new Tensor("layers.0.q", "lora_A.weight", List.of(5L, 120_001L));
  private static final Tensor SMALL = new Tensor("", "scale", List.of());
  private static final Schema SCHEMA = new Schema(List.of(WIDE, SMALL));

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void arrivesAsItWasSent(boolean plain) throws IOException {
    Tensors sent = some(SCHEMA);
    List<byte[]> chunks = new ArrayList<>();
    Payload payload = write(plain, sent, chunks);
    for (byte[] chunk : chunks.subList(0, chunks.size() - 1)) {
      assertEquals(Transport.CHUNK_BYTES, chunk.length);
    }
    assertEquals(payload.chunks(), chunks.size());
    assertEquals(payload.bytes(), chunks.stream().mapToLong(chunk -> chunk.length).sum());
    Tensors back = read(plain, SCHEMA, payload, chunks);
    for (int t = 0; t < 2; t++) {
      assertArrayEquals(sent.values(t), back.values(t));
    }
    assertArrayEquals(back.values(0), read(plain, null, payload, chunks).values(0));
  }

  @Test
  void plainPayloadIsASafetensorsFile(@TempDir Path folder) throws IOException {
    Tensors sent = some(SCHEMA);
    Path file = Files.write(folder.resolve("x.safetensors"), bytes(true, sent));
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      assertEquals(SCHEMA, read.schema());
      float[] values = new float[600_005];
      read.floats(read.tensor("layers.0.q.lora_A.weight"), 0, values, 0, values.length);
      assertArrayEquals(sent.values(0), values);
      assertEquals("bank", read.header().metadata().get("silo"));
    }
  }

  @Test
  void sameValuesGiveSameBytes() throws IOException {
    assertArrayEquals(bytes(false, some(SCHEMA)), bytes(false, some(SCHEMA)));
  }

  /** Version 1, pinned: what older silos send must stay readable. */
  @Test
  void wireFormIsVersionOne() throws IOException {
    Schema schema = new Schema(List.of(new Tensor("m", "w", List.of(3L))));
    Tensors tensors = new Tensors(schema, List.of(new float[] {1, 0, -2}));
    assertEquals(
        "a800000000000000"
            + hex("{\"__metadata__\":{\"fedllm.codecs\":\"\",\"fedllm.schema\":")
            + hex("\"[[\\\"m\\\",\\\"w\\\",[3]]]\",\"fedllm.wire\":\"1\",\"silo\":\"bank\"},")
            + hex("\"m.w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}")
            + "PAD"
            + "0000803f00000000000000c0",
        pad(bytes(true, tensors), 12));
    FrameEncoder chain =
        new FrameEncoder(List.of("nonzero"), List.of(new Links.NonZero()), List.of());
    List<byte[]> chunks = new ArrayList<>();
    new PayloadWriter(chain).write(1, schema, Blocks.of(tensors), Map.of(), chunks::add);
    String coded = java.util.HexFormat.of().formatHex(join(chunks));
    assertTrue(
        coded.endsWith("11000000" + "02000000" + "01000000" + "05" + "0000803f" + "000000c0"),
        coded);
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    Schema other = new Schema(List.of(new Tensor("m", "w", List.of(3L))));
    Tensors sent = new Tensors(other, List.of(new float[] {1, Float.NaN, 3}));
    refused(bytes(true, sent), true, other, "not finite in m.w[3] from value 0 on");
    refused(bytes(false, sent), false, other, "not finite in m.w[3]");
    sent.values(0)[1] = 2;
    refused(bytes(true, sent), true, SCHEMA, "holds m.w[3] where layers.0.q.lora_A.weight");
    refused(bytes(true, sent), false, other, "was not coded by [nonzero,negate,deflate]");
    refused(bytes(false, sent), true, other, "was not coded by []");
    byte[] longer = java.util.Arrays.copyOf(bytes(true, sent), bytes(true, sent).length + 1);
    refused(longer, true, other, "goes on after its last tensor");
    byte[] absurd = bytes(true, sent);
    ByteBuffer.wrap(absurd).putLong(0, -1);
    refused(absurd, true, other, "length of its header");
  }

  @Test
  void checksLengthAndHashOfTheManifest() throws IOException {
    List<byte[]> chunks = new ArrayList<>();
    Payload payload = write(true, some(SCHEMA), chunks);
    Payload longer = new Payload(payload.bytes() + 1, payload.chunks(), payload.sha256());
    assertThrows(SitsOut.class, () -> read(true, SCHEMA, longer, chunks));
    chunks.get(1)[17] ^= 1;
    SitsOut refused = assertThrows(SitsOut.class, () -> read(true, SCHEMA, payload, chunks));
    assertTrue(refused.getMessage().contains("SHA-256"), refused.getMessage());
  }

  @Test
  void seesEveryValueThatIsNotFinite() {
    for (int count = 0; count < 19; count++) {
      float[] values = new float[count + 1];
      java.util.Arrays.fill(values, -Float.MAX_VALUE);
      values[count] = Float.NaN;
      assertTrue(Finite.all(values, 0, count));
      for (int i = 0; i < count; i++) {
        for (float bad :
            new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
          values[i] = bad;
          assertFalse(Finite.all(values, 0, count));
        }
        values[i] = Float.MIN_VALUE;
      }
    }
  }

  @Test
  void aHugeClaimAllocatesNoMoreThanABlock() {
    Schema huge = new Schema(List.of(new Tensor("m", "w", List.of(1L << 20, 1L << 18))));
    Map<String, String> words =
        Map.of(
            "fedllm.wire",
            "1",
            "fedllm.codecs",
            "",
            SafetensorsHeader.SCHEMA,
            SchemaText.write(huge));
    byte[] header = HeaderJson.write(SafetensorsHeader.of(huge, Dtype.F32, words));
    byte[] claim = ByteBuffer.allocate(header.length + 100).put(header).array();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    PayloadReader reader = new PayloadReader("x", null, FrameDecoder.plain(), (unit, values) -> {});
    reader.read(ByteBuffer.wrap(claim));
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;
    assertEquals(huge, reader.schema());
    assertTrue(allocated < 4 << 20, allocated + " bytes for a claim of 2^40");
  }

  private static void refused(byte[] bytes, boolean plain, Schema schema, String says) {
    PayloadReader reader =
        new PayloadReader("silo bank", schema, Links.decoder(plain), (unit, values) -> {});
    SitsOut refused = assertThrows(SitsOut.class, () -> reader.read(ByteBuffer.wrap(bytes)), says);
    assertTrue(refused.getMessage().startsWith("silo bank: "), refused.getMessage());
    assertTrue(refused.getMessage().contains(says), refused.getMessage());
  }

  private static Payload write(boolean plain, Tensors tensors, List<byte[]> chunks)
      throws IOException {
    return new PayloadWriter(Links.encoder(plain))
        .write(1, tensors.schema(), Blocks.of(tensors), Map.of("silo", "bank"), chunks::add);
  }

  private static Tensors read(boolean plain, Schema schema, Payload payload, List<byte[]> chunks) {
    TensorSink sink = new TensorSink();
    PayloadReader reader = new PayloadReader("silo bank", schema, Links.decoder(plain), sink);
    chunks.forEach(chunk -> reader.read(ByteBuffer.wrap(chunk)));
    reader.end(payload.bytes(), payload.sha256());
    return sink.tensors(reader.schema());
  }

  private static byte[] bytes(boolean plain, Tensors tensors) throws IOException {
    List<byte[]> chunks = new ArrayList<>();
    write(plain, tensors, chunks);
    return join(chunks);
  }

  private static byte[] join(List<byte[]> chunks) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    chunks.forEach(all::writeBytes);
    return all.toByteArray();
  }

  private static String hex(String text) {
    return java.util.HexFormat.of()
        .formatHex(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
  }

  private static String pad(byte[] bytes, int data) {
    String all = java.util.HexFormat.of().formatHex(bytes);
    int header = all.length() - 2 * data;
    return all.substring(0, header).replaceAll("(20)+$", "PAD") + all.substring(header);
  }

  private static Tensors some(Schema schema) {
    SplittableRandom random = new SplittableRandom(7);
    Tensors tensors = new Tensors(schema);
    for (int t = 0; t < schema.tensors().size(); t++) {
      float[] values = tensors.values(t);
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextInt(3) == 0 ? 0 : (float) random.nextDouble(-1, 1);
      }
    }
    return tensors;
  }
}
