package fedllm.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import fedllm.api.error.Refused;
import fedllm.api.error.SitsOut;
import fedllm.format.ModelWriter.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelWriterTest {

  private static final List<Entry> THREE =
      List.of(
          new Entry("a", Dtype.BF16, List.of(3L)),
          new Entry("b", Dtype.F32, List.of(2L, 2L)),
          new Entry("c", Dtype.F16, List.of()));

  @TempDir Path folder;

  /** Bytes of any tensors, in any order and pieces, cut into shards of any size. */
  @Property(tries = 60)
  void readingBackGivesTheSameBytes(
      @ForAll @Size(min = 1, max = 8) List<@IntRange(max = 40) Integer> sizes,
      @ForAll @Size(8) List<Dtype> dtypes,
      @ForAll @IntRange(min = 1, max = 400) int maxShardBytes,
      @ForAll Random random)
      throws IOException {
    Path root = Files.createTempDirectory("fedllm-model");
    Path target = root.resolve("model");
    List<Entry> entries = new ArrayList<>();
    List<byte[]> contents = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      Dtype dtype = dtypes.get(i);
      entries.add(new Entry("t" + i, dtype, List.of((long) sizes.get(i), 1L)));
      byte[] content = new byte[sizes.get(i) * dtype.bytes()];
      random.nextBytes(content);
      contents.add(content);
    }
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      order.add(i);
    }
    Collections.shuffle(order, random);
    ModelFolder made;
    try (ModelWriter out = new ModelWriter(target, entries, maxShardBytes)) {
      for (int i : order) {
        byte[] content = contents.get(i);
        int cut = content.length == 0 ? 0 : random.nextInt(content.length);
        out.write("t" + i, ByteBuffer.wrap(content, 0, cut));
        out.write("t" + i, ByteBuffer.wrap(content, cut, content.length - cut));
      }
      out.file("config.json", new byte[] {'{', '}'});
      made = out.commit();
    }
    assertEquals(ModelFolder.open(target), made);
    try (ModelTensors back = ModelTensors.open(made)) {
      assertEquals(sizes.size(), back.all().size());
      for (int i = 0; i < sizes.size(); i++) {
        SafetensorsFile file = back.file("t" + i);
        TensorInfo tensor = file.tensor("t" + i);
        assertEquals(entries.get(i).dtype(), tensor.dtype());
        assertEquals(0, tensor.begin() % tensor.dtype().bytes());
        assertEquals("pt", file.header().metadata().get("format"));
        assertTrue(
            file.header().tensors().size() == 1 || file.header().dataBytes() <= maxShardBytes);
        byte[] content = new byte[contents.get(i).length];
        file.slice(tensor, 0, content.length).get(content);
        assertArrayEquals(contents.get(i), content);
      }
    }
    try (Stream<Path> all = Files.walk(root)) {
      for (Path file : all.sorted(Collections.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void shardsAreNamedAndIndexedAsHuggingFaceDoes() throws IOException {
    ModelFolder made = write(folder.resolve("m"), 20);
    assertEquals(
        List.of("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"),
        made.weights().stream().map(file -> file.getFileName().toString()).toList());
    JsonNode index = JsonFile.object(made.folder().resolve(WeightIndex.NAME), "");
    assertEquals(24, index.path("metadata").path("total_size").asLong());
    assertEquals(
        "{\"a\":\"model-00001-of-00002.safetensors\",\"b\":\"model-00002-of-00002.safetensors\","
            + "\"c\":\"model-00002-of-00002.safetensors\"}",
        index.path("weight_map").toString());
  }

  @Test
  void whatFitsOneFileHasNoIndex() throws IOException {
    ModelFolder made = write(folder.resolve("m"), ModelWriter.SHARD_BYTES);
    try (Stream<Path> files = Files.list(made.folder())) {
      assertEquals(
          List.of("config.json", "model.safetensors"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
    try (ModelTensors back = ModelTensors.open(made)) {
      assertThrows(SitsOut.class, () -> back.tensor("nobody"));
      float[] values = new float[4];
      back.file("b").floats(back.tensor("b"), 0, values, 0, 4);
      assertArrayEquals(new float[] {0.1f, -2, 3, 4}, values);
      back.file("a").floats(back.tensor("a"), 0, values, 0, 3);
      assertArrayEquals(new float[] {0.100097656f, -2, 3, 4}, values);
    }
  }

  @Test
  void nothingAppearsBeforeAllIsThere() throws IOException {
    Path target = folder.resolve("m");
    try (ModelWriter out = new ModelWriter(target, THREE)) {
      out.write("a", new float[3], 0, 3);
      out.write("b", new float[4], 0, 2);
      out.write("c", new float[1], 0, 1);
      IllegalStateException lacks = assertThrows(IllegalStateException.class, out::commit);
      assertTrue(lacks.getMessage().contains("b F32[2, 2] ends after 8 bytes"), lacks::getMessage);
      assertFalse(Files.exists(target));
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(0, files.count(), "something was left behind");
    }
  }

  @Test
  void whatACrashLeftIsNoHindrance() throws IOException {
    Path left = Files.createDirectory(folder.resolve(".m.partial"));
    Files.writeString(left.resolve("model.safetensors"), "half");
    write(Files.createDirectory(folder.resolve("m")), 100);
    assertFalse(Files.exists(left));
  }

  @Test
  void refusesAFolderThatHoldsSomethingAndLeavesItAlone() throws IOException {
    Path target = Files.createDirectory(folder.resolve("m"));
    Files.writeString(target.resolve("notes.txt"), "mine");
    Refused refused = assertThrows(Refused.class, () -> new ModelWriter(target, THREE));
    assertTrue(refused.getMessage().contains("m: holds something"), refused::getMessage);
    Path file = target.resolve("notes.txt");
    assertThrows(Refused.class, () -> new ModelWriter(file, THREE));
    assertEquals("mine", Files.readString(file));
  }

  @Test
  void refusesWhatTheDiskHasNoRoomFor() {
    List<Entry> huge = List.of(new Entry("a", Dtype.F32, List.of(1L << 50)));
    Refused refused = assertThrows(Refused.class, () -> new ModelWriter(folder.resolve("m"), huge));
    assertTrue(refused.getMessage().contains("the disk has room for"), refused::getMessage);
  }

  @Test
  void refusesAValueThatTheTypeCannotHold() throws IOException {
    try (ModelWriter out = new ModelWriter(folder.resolve("m"), THREE)) {
      Refused half = assertThrows(Refused.class, () -> out.write("c", new float[] {7e4f}, 0, 1));
      assertTrue(half.getMessage().contains("c F16[]: 70000.0 is too large"), half::getMessage);
      float[] values = {1, -Float.MAX_VALUE, 1};
      assertThrows(Refused.class, () -> out.write("a", values, 0, 3));
    }
  }

  @Test
  void refusesTooManyValuesAndUnknownNames() throws IOException {
    try (ModelWriter out = new ModelWriter(folder.resolve("m"), THREE)) {
      out.write("a", new float[3], 0, 2);
      assertThrows(IllegalArgumentException.class, () -> out.write("a", new float[3], 0, 2));
      assertThrows(IllegalArgumentException.class, () -> out.write("d", new float[3], 0, 1));
      assertThrows(IllegalArgumentException.class, () -> out.file("../x", new byte[1]));
      assertThrows(IllegalArgumentException.class, () -> out.file("x.safetensors", new byte[1]));
    }
    List<Entry> twice = List.of(THREE.get(0), THREE.get(0));
    assertThrows(IllegalArgumentException.class, () -> new ModelWriter(folder.resolve("m"), twice));
    assertThrows(
        IllegalArgumentException.class, () -> new ModelWriter(folder.resolve("m"), twice, 6));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(0, files.count(), "something was left behind");
    }
  }

  @Test
  void aRealModelComesBackByteForByte() throws IOException {
    String data = System.getenv().getOrDefault("FEDLLM_DATA", "../../shared/data");
    Path real = Path.of(data, "stories260k");
    assumeTrue(Files.exists(real), "stories260k is not here");
    ModelFolder made;
    try (ModelTensors in = ModelTensors.open(ModelFolder.open(real))) {
      List<Entry> entries =
          in.all().stream().map(t -> new Entry(t.name(), t.dtype(), t.shape())).toList();
      try (ModelWriter out = new ModelWriter(folder.resolve("m"), entries, 300_000)) {
        for (Entry entry : entries) {
          TensorInfo tensor = in.tensor(entry.name());
          float[] values = new float[(int) tensor.elements()];
          in.file(entry.name()).floats(tensor, 0, values, 0, values.length);
          out.write(entry.name(), values, 0, values.length);
        }
        out.file("config.json", Files.readAllBytes(real.resolve("config.json")));
        made = out.commit();
      }
      assertTrue(made.weights().size() >= 4, made.weights()::toString);
      try (ModelTensors back = ModelTensors.open(made)) {
        for (TensorInfo tensor : in.all()) {
          TensorInfo held = back.tensor(tensor.name());
          assertEquals(tensor.shape(), held.shape());
          assertEquals(
              in.file(tensor.name()).slice(tensor, 0, (int) tensor.bytes()),
              back.file(tensor.name()).slice(held, 0, (int) held.bytes()));
        }
      }
    }
  }

  @Test
  void anIndexThatLiesIsRefused() throws IOException {
    ModelFolder made = write(folder.resolve("m"), 20);
    Path index = made.folder().resolve(WeightIndex.NAME);
    String truth = Files.readString(index);
    for (Map.Entry<String, String> lie :
        Map.of(
                "\"c\" :", "\"d\" :",
                "\"a\" : \"model-00001", "\"a\" : \"model-00002",
                "-of-00002.safetensors\",", "-of-00002.bin\",",
                "\"model-00001-of-00002.safetensors\"", "7",
                "weight_map", "weights",
                "\"b\" :", "\"b2\" :")
            .entrySet()) {
      assertTrue(truth.contains(lie.getKey()), truth);
      Files.writeString(index, truth.replace(lie.getKey(), lie.getValue()));
      SitsOut out =
          assertThrows(
              SitsOut.class, () -> ModelTensors.open(ModelFolder.open(made.folder())).close());
      assertTrue(out.getMessage().contains("index.json"), out::getMessage);
    }
    Files.writeString(index, truth.replace("\"c\" :", "\"" + "c".repeat(60_000) + "\" :"));
    assertThrows(SitsOut.class, () -> ModelFolder.open(made.folder()));
  }

  @Test
  void aTensorThatTwoFilesHoldIsRefused() throws IOException {
    ModelFolder made = write(folder.resolve("m"), 20);
    Files.delete(made.folder().resolve(WeightIndex.NAME));
    Files.copy(made.weights().get(0), made.folder().resolve("more.safetensors"));
    SitsOut out =
        assertThrows(
            SitsOut.class, () -> ModelTensors.open(ModelFolder.open(made.folder())).close());
    assertTrue(
        out.getMessage().endsWith("more.safetensors: holds a, as another weight file does"),
        out::getMessage);
  }

  private static ModelFolder write(Path target, long maxShardBytes) throws IOException {
    try (ModelWriter out = new ModelWriter(target, THREE, maxShardBytes)) {
      for (Entry entry : THREE) {
        out.write(
            entry.name(),
            new float[] {0.1f, -2, 3, 4},
            0,
            (int) entry.bytes() / entry.dtype().bytes());
      }
      out.file("config.json", "{}".getBytes(StandardCharsets.UTF_8));
      return out.commit();
    }
  }
}
