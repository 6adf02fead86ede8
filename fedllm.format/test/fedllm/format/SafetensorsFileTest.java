package fedllm.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {

  @TempDir Path folder;

  private static final Tensor WIDE = new Tensor("m", "wide", List.of(3L, 100_000L));
  private static final Tensor SCALAR = new Tensor("", "scalar", List.of());
  private static final Schema SCHEMA = new Schema(List.of(WIDE, SCALAR));

  @Test
  void readsBackWhatWasWritten() throws IOException {
    Path file = folder.resolve("a.safetensors");
    String sha256;
    try (SafetensorsWriter writer = new SafetensorsWriter(file, SCHEMA, Map.of("k", "v"))) {
      for (int i = 0; i < Unit.blocks(WIDE); i++) {
        writer.write(Unit.block(WIDE, i), block(Unit.block(WIDE, i)));
      }
      writer.write(Unit.block(SCALAR, 0), new float[] {-0.5f});
      assertFalse(Files.exists(file), "the file appeared before it was whole");
      sha256 = writer.commit();
    }
    assertEquals(
        sha256, HexFormat.of().formatHex(Sha256.newDigest().digest(Files.readAllBytes(file))));
    try (SafetensorsFile back = SafetensorsFile.open(file)) {
      assertEquals(SCHEMA, back.schema());
      float[] values = new float[300_000];
      back.floats(back.tensor("m.wide"), 0, values, 0, 300_000);
      assertEquals(0, values[0]);
      assertEquals(299_999, values[299_999]);
      float[] part = new float[4];
      back.floats(back.tensor("m.wide"), 262_143, part, 1, 3);
      assertArrayEquals(new float[] {0, 262_143, 262_144, 262_145}, part);
      back.floats(back.tensor("scalar"), 0, part, 0, 1);
      assertEquals(-0.5f, part[0]);
      SitsOut missing = assertThrows(SitsOut.class, () -> back.tensor("nobody"));
      assertTrue(missing.getMessage().contains(file + ": has no tensor nobody"));
    }
  }

  @Test
  void leavesNothingBehindWhenItIsNotCommitted() throws IOException {
    Path file = folder.resolve("b.safetensors");
    try (SafetensorsWriter writer = new SafetensorsWriter(file, SCHEMA, Map.of())) {
      writer.write(Unit.block(WIDE, 0), block(Unit.block(WIDE, 0)));
      assertThrows(IllegalStateException.class, writer::commit);
      assertThrows(
          IllegalArgumentException.class, () -> writer.write(Unit.block(SCALAR, 0), new float[1]));
    }
    try (var files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void readsHalfAndBfloat16() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    for (int half : new int[] {0x3C00, 0xC000, 0x0001, 0x7BFF, 0xFC00, 0x8000}) {
      data.putShort((short) half);
    }
    for (int bfloat : new int[] {0x3F80, 0xC040, 0x0080, 0x7F80}) {
      data.putShort((short) bfloat);
    }
    Path file =
        raw(
            "{\"h\":{\"dtype\":\"F16\",\"shape\":[6],\"data_offsets\":[0,12]},"
                + "\"b\":{\"dtype\":\"BF16\",\"shape\":[4],\"data_offsets\":[12,20]}}",
            data.array());
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      float[] h = new float[6];
      read.floats(read.tensor("h"), 0, h, 0, 6);
      assertArrayEquals(new float[] {1, -2, 0x1p-24f, 65504, Float.NEGATIVE_INFINITY, -0f}, h);
      float[] b = new float[4];
      read.floats(read.tensor("b"), 0, b, 0, 4);
      assertArrayEquals(new float[] {1, -3, 0x1p-126f, Float.POSITIVE_INFINITY}, b);
    }
  }

  @Test
  void roundsBfloat16ToNearestEven() {
    assertEquals(0x3F80, Floats.bfloat16(1));
    assertEquals(0x3F80, Floats.bfloat16(1 + 0x1p-8f));
    assertEquals(0x3F82, Floats.bfloat16(1 + 3 * 0x1p-8f));
    assertEquals(0x7F80, Floats.bfloat16(Float.MAX_VALUE));
    assertTrue(Float.isNaN(Float.intBitsToFloat(Floats.bfloat16(Float.NaN) << 16)));
  }

  @Test
  void namesTheFileThatIsCutShort() throws IOException {
    Path whole =
        raw("{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}", new byte[16]);
    byte[] bytes = Files.readAllBytes(whole);
    for (int length = 0; length < bytes.length; length++) {
      Path cut = folder.resolve("cut.safetensors");
      Files.write(cut, java.util.Arrays.copyOf(bytes, length));
      SitsOut refused = assertThrows(SitsOut.class, () -> SafetensorsFile.open(cut));
      assertTrue(refused.getMessage().contains("cut.safetensors"), refused.getMessage());
    }
  }

  @Test
  void refusesAnAbsurdHeaderLengthWithoutAllocatingIt() throws IOException {
    byte[] bytes = new byte[64];
    for (long length : new long[] {-1, Long.MAX_VALUE, 100_000_001, 57}) {
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      Path file = Files.write(folder.resolve("absurd.safetensors"), bytes);
      assertThrows(SitsOut.class, () -> SafetensorsFile.open(file));
    }
  }

  @Test
  void readsBeyondTwoGigabytes() throws IOException {
    long values = 700_000_000L;
    Path file = folder.resolve("sparse.safetensors");
    byte[] json =
        ("{\"a\":{\"dtype\":\"F32\",\"shape\":["
                + values
                + "],\"data_offsets\":[0,"
                + 4 * values
                + "]}}")
            .getBytes(StandardCharsets.UTF_8);
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.writeLong(Long.reverseBytes(json.length));
      out.write(json);
      long data = 8L + json.length;
      for (long i : new long[] {(1L << 28) - 1, 1L << 28, values - 1}) {
        out.seek(data + 4 * i);
        out.writeInt(Integer.reverseBytes(Float.floatToIntBits((int) (i % 1000))));
      }
      out.setLength(data + 4 * values);
    }
    try (SafetensorsFile read = SafetensorsFile.open(file)) {
      float[] around = new float[4];
      read.floats(read.tensor("a"), (1L << 28) - 2, around, 0, 4);
      assertArrayEquals(new float[] {0, 455, 456, 0}, around);
      read.floats(read.tensor("a"), values - 2, around, 0, 2);
      assertEquals(999, around[1]);
      assertThrows(
          IllegalArgumentException.class,
          () -> read.floats(read.tensor("a"), values - 1, around, 0, 2));
    }
  }

  @Test
  void readsARealModel() throws IOException {
    String data = System.getenv().getOrDefault("FEDLLM_DATA", "../../shared/data");
    Path model = Path.of(data, "stories260k", "model.safetensors");
    assumeTrue(Files.exists(model), "stories260k is not here");
    try (SafetensorsFile read = SafetensorsFile.open(model)) {
      TensorInfo norm = read.tensor("model.norm.weight");
      assertEquals(List.of(64L), norm.shape());
      float[] values = new float[64];
      read.floats(norm, 0, values, 0, 64);
      for (float value : values) {
        assertTrue(value > 0.1 && value < 100, "no weight of a trained norm: " + value);
      }
    }
  }

  private static float[] block(Unit unit) {
    float[] values = new float[unit.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = unit.offset() + i;
    }
    return values;
  }

  private Path raw(String json, byte[] data) throws IOException {
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header).put(data);
    return Files.write(folder.resolve("raw.safetensors"), bytes.array());
  }
}
