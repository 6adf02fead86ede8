package fedllm.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Tensors;
import fedllm.api.tensor.Unit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class AdapterFolderTest {

  private static Path folder;

  @BeforeAll
  @BeforeContainer
  static void make() throws IOException {
    folder = Files.createTempDirectory("fedllm-adapter");
    Files.writeString(folder.resolve("adapter_config.json"), "{\"peft_type\": \"LORA\", \"r\": 8}");
  }

  @AfterAll
  @AfterContainer
  static void remove() throws IOException {
    Files.delete(folder.resolve("adapter_config.json"));
    Files.deleteIfExists(folder.resolve("adapter_model.safetensors"));
    Files.delete(folder);
  }

  @Provide
  Arbitrary<Schema> schemas() {
    Arbitrary<List<Long>> shapes =
        Arbitraries.longs().between(1, 6).list().ofMinSize(1).ofMaxSize(3);
    Arbitrary<String> modules = Arbitraries.of("q_proj", "v_proj", "mlp.up", "embed");
    Arbitrary<String> parameters = Arbitraries.of("lora_A.weight", "lora_B.weight", "shift");
    return Combinators.combine(modules, parameters, shapes)
        .as((module, name, shape) -> new Tensor("base_model.model." + module, name, shape))
        .list()
        .uniqueElements(Tensor::name)
        .ofMinSize(1)
        .ofMaxSize(8)
        .map(Schema::new);
  }

  @Provide
  Arbitrary<Dtype> floats() {
    return Arbitraries.of(Dtype.F32, Dtype.F16, Dtype.BF16);
  }

  @Property(tries = 200)
  void givesTheValuesInTheSchemasOrderWhateverTheFiles(
      @ForAll("schemas") Schema schema, @ForAll("floats") Dtype dtype, @ForAll Random random) {
    List<Tensor> inFile = new ArrayList<>(schema.tensors());
    Collections.shuffle(inFile, random);
    write(new Schema(inFile), dtype);
    AdapterFolder adapter = AdapterFolder.open(folder);
    assertEquals(8, adapter.config().path("r").asInt());
    Tensors read = adapter.read(schema);
    assertEquals(schema, read.schema());
    for (Tensor tensor : schema.tensors()) {
      assertArrayEquals(values(tensor), read.values(tensor.name()));
    }
  }

  @Property(tries = 200)
  void namesWhatIsMissingTooMuchOrOfAnotherShape(
      @ForAll("schemas") Schema schema, @ForAll Random random) {
    List<Tensor> tensors = schema.tensors();
    int at = random.nextInt(tensors.size());
    Tensor one = tensors.get(at);
    write(schema, Dtype.F32);
    List<Tensor> fewer = new ArrayList<>(tensors);
    fewer.remove(at);
    assertRefuses("holds " + one.name(), fewer);
    List<Tensor> more = new ArrayList<>(tensors);
    more.add(at, new Tensor(one.module(), "other", one.shape()));
    assertRefuses("lacks " + one.module() + ".other", more);
    List<Long> longer = new ArrayList<>(one.shape());
    longer.add(1L);
    List<Tensor> reshaped = new ArrayList<>(tensors);
    reshaped.set(at, new Tensor(one.module(), one.parameter(), longer));
    assertRefuses(one.name() + " F32" + one.shape() + " should have the shape " + longer, reshaped);
  }

  @Test
  void sumsUpWhatIsWrongWithManyNames() {
    Tensor kept = new Tensor("m", "kept", List.of(1L));
    write(new Schema(List.of(kept, tensor("u"), tensor("v"))), Dtype.F32);
    assertRefuses(
        "lacks m.a, m.b, m.c and 1 more and holds m.u, m.v, which",
        List.of(kept, tensor("a"), tensor("b"), tensor("c"), tensor("d")));
  }

  @Test
  void refusesEveryTypeButFloatsOf32And16Bits() throws IOException {
    for (Dtype dtype : EnumSet.complementOf(EnumSet.of(Dtype.F32, Dtype.F16, Dtype.BF16))) {
      TensorInfo held = new TensorInfo("m.a", dtype, List.of(1L), 0, dtype.bytes());
      byte[] header = HeaderJson.write(new SafetensorsHeader(List.of(held), Map.of()));
      byte[] file = ByteBuffer.allocate(header.length + dtype.bytes()).put(header).array();
      Files.write(folder.resolve("adapter_model.safetensors"), file);
      assertRefuses("m.a " + dtype + "[1] should be F32, F16 or BF16", List.of(tensor("a")));
    }
  }

  @Test
  void refusesWhatIsNotFinite() throws IOException {
    Tensor tensor = tensor("a");
    for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      Path file = folder.resolve("adapter_model.safetensors");
      try (SafetensorsWriter out =
          new SafetensorsWriter(file, new Schema(List.of(tensor)), Dtype.BF16, Map.of())) {
        out.write(Unit.block(tensor, 0), new float[] {bad});
        out.commit();
      }
      assertRefuses("m.a[1] is " + bad + " at value 0", List.of(tensor));
    }
  }

  @Test
  void saysHowToConvertAPickle() throws IOException {
    Files.deleteIfExists(folder.resolve("adapter_model.safetensors"));
    assertSays("adapter_model.safetensors: is missing");
    Path pickle = Files.write(folder.resolve("adapter_model.bin"), new byte[] {1});
    assertSays("adapter_model.bin: is a pickle");
    assertSays("s.save_file(torch.load('adapter_model.bin', weights_only=True)");
    write(new Schema(List.of(tensor("a"))), Dtype.F32);
    assertFalse(
        AdapterFolder.open(folder).tensors().isEmpty(), "both are there: it has the choice");
    Files.delete(pickle);
  }

  @Test
  void saysWhatIsWrongWithTheConfiguration() throws IOException {
    Path config = folder.resolve("adapter_config.json");
    String right = Files.readString(config);
    for (Map.Entry<String, String> wrong :
        Map.of(
                "[]",
                "should be a JSON object",
                "{\"r\":\n8,}",
                "adapter_config.json:2: is not JSON",
                "{\"peft_type\": 1}",
                "has no peft_type",
                "",
                "should be a JSON object",
                "{} {}",
                "is not JSON",
                "{\"" + "a".repeat(60_000) + "\":1}",
                "is not JSON")
            .entrySet()) {
      Files.writeString(config, wrong.getKey());
      assertSays(wrong.getValue());
    }
    Files.delete(config);
    assertSays("adapter_config.json: cannot be read; name a folder in PEFT layout");
    Files.writeString(config, right);
  }

  private static void assertSays(String words) {
    SitsOut out = assertThrows(SitsOut.class, () -> AdapterFolder.open(folder));
    assertTrue(out.getMessage().contains(words), out::getMessage);
  }

  private static void assertRefuses(String words, List<Tensor> wanted) {
    AdapterFolder adapter = AdapterFolder.open(folder);
    SitsOut out = assertThrows(SitsOut.class, () -> adapter.read(new Schema(wanted)));
    assertTrue(out.getMessage().contains("adapter_model.safetensors: "), out::getMessage);
    assertTrue(out.getMessage().contains(words), out::getMessage);
  }

  private static Tensor tensor(String parameter) {
    return new Tensor("m", parameter, List.of(1L));
  }

  /** Small whole numbers, which every type holds. */
  private static float[] values(Tensor tensor) {
    float[] values = new float[(int) tensor.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i - tensor.name().length();
    }
    return values;
  }

  private static void write(Schema schema, Dtype dtype) {
    Path file = folder.resolve("adapter_model.safetensors");
    try (SafetensorsWriter out =
        new SafetensorsWriter(file, schema, dtype, Map.of("format", "pt"))) {
      for (Tensor tensor : schema.tensors()) {
        out.write(Unit.block(tensor, 0), values(tensor));
      }
      out.appear();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
