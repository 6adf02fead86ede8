package fedllm.learning.base;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import fedllm.api.error.SitsOut;
import fedllm.format.Dtype;
import fedllm.format.Floats;
import fedllm.learning.kernel.Casts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/** The engine's Java side aborts the process on some types of elements; none of them reaches it. */
class DtypesTest {

  private static final int VALUES = 5 * 3 + 3 * 3;

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"F32", "F16", "BF16"})
  void everyTypeThatIsNoFloatOf32Or16BitsIsRefusedByName(Dtype dtype) throws IOException {
    write(dtype.name(), new byte[VALUES * dtype.bytes()]);
    for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
      assertSays("table.weight " + dtype + "[5, 3] should be F32, F16 or BF16", precision);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"F4", "F6_E2M3", "C64", "BFLOAT16", "float32", "I4", "", "null"})
  void anUnknownTypeIsRefusedWhateverItsSize(String name) throws IOException {
    for (int bytes : new int[] {1, 2, 4, 8}) {
      write(name, new byte[VALUES * bytes]);
      assertSays("table.weight has an unknown dtype", Precision.FP32);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void theOtherThreeBecomeFloatsThatTheEngineKnows(Dtype dtype) throws IOException {
    float[] values = new float[VALUES];
    for (int i = 0; i < VALUES; i++) {
      values[i] = i - 7.5f;
    }
    ByteBuffer data = ByteBuffer.allocate(VALUES * dtype.bytes());
    Floats.write(dtype, values, 0, VALUES, data);
    write(dtype.name(), data.array());
    float[] table = Arrays.copyOf(values, 15);
    float[] middle = Arrays.copyOfRange(values, 15, VALUES);
    try (Base base = bases().open(folder, null, Precision.FP32)) {
      assertEquals(DataType.FLOAT32, held(base, "table.weight").getDataType());
      assertArrayEquals(table, held(base, "table.weight").toFloatArray());
      assertArrayEquals(middle, held(base, "middle.weight").toFloatArray());
    }
    try (Base base = bases().open(folder, null, Precision.BF16)) {
      for (String weight : List.of("table.weight", "middle.weight")) {
        NDArray halves = held(base, weight).duplicate();
        halves.setName(""); // a list's no more
        assertEquals(2 * halves.size(), Casts.bytes(halves));
        float[] floats = Casts.to(halves, 6).toFloatArray();
        assertArrayEquals(weight.startsWith("table") ? table : middle, floats);
      }
    }
  }

  private static NDArray held(Base base, String weight) {
    return base.weights().get(base.held().places().get(weight).get(0));
  }

  @Test
  void refusesATokenizerWithMoreTokensThanTheEmbeddingHasRows() throws IOException {
    Folder.write(folder);
    Path tokenizer = folder.resolve("tokenizer.json");
    Files.writeString(tokenizer, "{\"model\":{\"vocab\":{\"a\":0,\"b\":5}}}");
    assertSays("tokenizer.json: has a token with the id 5, but by config.json", Precision.FP32);
    Files.writeString(tokenizer, "{\"model\":{\"vocab\":{\"a\":0,\"b\":4}}}");
    bases().open(folder).close();
  }

  private void assertSays(String words, Precision precision) {
    SitsOut out = assertThrows(SitsOut.class, () -> bases().open(folder, null, precision).close());
    assertTrue(out.getMessage().contains(words), out::getMessage);
  }

  private static Bases bases() {
    return new Bases(List.of(new Bigrams()));
  }

  private void write(String dtype, byte[] data) throws IOException {
    Folder.write(folder);
    int bytes = data.length / VALUES;
    String json =
        """
        {"table.weight":{"dtype":"%s","shape":[5,3],"data_offsets":[0,%d]},\
        "middle.weight":{"dtype":"%s","shape":[3,3],"data_offsets":[%d,%d]}}\
        """
            .formatted(dtype, 15 * bytes, dtype, 15 * bytes, data.length);
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    Files.write(
        folder.resolve("model.safetensors"),
        ByteBuffer.allocate(8 + header.length + data.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .put(data)
            .array());
  }
}
