package fedllm.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Refused;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensors;
import fedllm.format.Dtype;
import fedllm.format.ModelFolder;
import fedllm.format.ModelTensors;
import fedllm.format.ModelWriter;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Merge;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Adapters;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.models.gpt2.Gpt2;
import fedllm.models.llama.Llama;
import fedllm.peft.bottleneck.Bottleneck;
import fedllm.peft.full.Full;
import fedllm.peft.ia3.Ia3;
import fedllm.peft.lora.Lora;
import fedllm.peft.prefix.Prefix;
import fedllm.peft.prompt.Prompt;
import fedllm.peft.several.Several;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.FamilyContract;
import fedllm.testkit.learning.PlainLlama;
import fedllm.testkit.learning.RandomModel;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MergeTest {

  @TempDir Path scratch;

  private final Bases bases = new Bases(List.of(new Llama(), new Gpt2()));

  /** A method with its options, on a small model. */
  record Use(PeftMethod method, Options options, ModelFamily family, String config) {}

  static Stream<Use> merging() {
    return Stream.of(
        llama(new Lora(), Lora.Config.class, Map.of("targets", List.of("*"))),
        llama(
            new Lora(),
            Lora.Config.class,
            Map.of("targets", List.of("embed_tokens", "lm_head"), "scaling", "root")),
        llama(new Ia3(), Ia3.Config.class, Map.of()),
        llama(new Full(), Full.Config.class, Map.of("targets", List.of("*", "embed_tokens"))),
        several(),
        gpt2(new Lora(), Lora.Config.class, Map.of("modulesToSave", List.of("c_fc"))),
        gpt2(new Ia3(), Ia3.Config.class, Map.of()),
        gpt2(new Full(), Full.Config.class, Map.of()));
  }

  static Stream<Use> staying() {
    return Stream.of(
        llama(new Prompt(), Prompt.Config.class, Map.of("tokens", 2)),
        llama(new Prefix(), Prefix.Config.class, Map.of("tokens", 2)),
        llama(new Bottleneck(), Bottleneck.Config.class, Map.of()));
  }

  /** Factors before and behind layers that have a product beside them. */
  private static Use several() {
    Options lora = TestOptions.of(Lora.Config.class, Map.of("targets", List.of("*")));
    TestOptions options =
        TestOptions.none()
            .with(
                "of",
                List.of(
                    new Choice<>(new Lora(), lora),
                    new Choice<>(new Ia3(), TestOptions.none()),
                    new Choice<>(new Ia3(), TestOptions.none())));
    return new Use(new Several(), options, new Llama(), PlainLlama.CONFIG);
  }

  private static Use llama(
      PeftMethod method, Class<? extends Annotation> type, Map<String, ?> values) {
    return new Use(method, TestOptions.of(type, values), new Llama(), PlainLlama.CONFIG);
  }

  private static Use gpt2(
      PeftMethod method, Class<? extends Annotation> type, Map<String, ?> values) {
    return new Use(method, TestOptions.of(type, values), new Gpt2(), Others.GPT2);
  }

  @ParameterizedTest
  @MethodSource("merging")
  void answersAsTheAdapterBesideItsBaseDoes(Use use) throws IOException {
    Path base = base(use);
    Adapters.Opened adapter = adapter(use, base);
    float[] beside = outputs(base, adapter);
    float[] bare = outputs(base, nothing());
    Path merged = scratch.resolve("merged");
    merge(base, adapter, merged, Dtype.F32, ModelWriter.SHARD_BYTES);
    assertNear(beside, outputs(merged, nothing()), 2e-5);
    assertTrue(farthest(beside, bare) > 0.01, "the adapter changes nothing");
  }

  @ParameterizedTest
  @MethodSource("merging")
  void exportedAndReadAgainItIsTheSameToTheBit(Use use) throws IOException {
    Path base = base(use);
    Path merged = scratch.resolve("merged");
    merge(base, adapter(use, base), merged, Dtype.F32, ModelWriter.SHARD_BYTES);
    Path again = scratch.resolve("again");
    merge(merged, nothing(), again, null, 4000);
    assertArrayEquals(outputs(merged, nothing()), outputs(again, nothing()));
    assertTrue(ModelFolder.open(again).weights().size() > 1);
    Path whole = scratch.resolve("whole");
    merge(again, nothing(), whole, null, ModelWriter.SHARD_BYTES);
    assertEquals(-1, Files.mismatch(weights(merged), weights(whole)));
  }

  @ParameterizedTest
  @MethodSource("staying")
  void refusesWhatIsNoChangeOfAWeight(Use use) throws IOException {
    Path base = base(use);
    Adapters.Opened adapter = adapter(use, base);
    Path out = scratch.resolve("merged");
    Refused refusal =
        assertThrows(Refused.class, () -> merge(base, adapter, out, null, ModelWriter.SHARD_BYTES));
    assertTrue(refusal.getMessage().contains("cannot be merged"), refusal.getMessage());
    assertFalse(Files.exists(out));
  }

  @Test
  void refusesToChangeAnEmbeddingThatIsTheHeadToo() throws IOException {
    String tied = PlainLlama.CONFIG.replace("embeddings\": false", "embeddings\": true");
    Use lora = llama(new Lora(), Lora.Config.class, Map.of("targets", List.of("embed_tokens")));
    Use use = new Use(lora.method(), lora.options(), lora.family(), tied);
    Path base = base(use);
    Adapters.Opened adapter = adapter(use, base);
    Refused refusal =
        assertThrows(Refused.class, () -> merge(base, adapter, scratch.resolve("out"), null, 4000));
    assertTrue(refusal.getMessage().contains("the head's weight too"), refusal.getMessage());
  }

  @Test
  void takesWhatLiesBesideTheWeightsAlongAndSaysTheNewType() throws IOException {
    Use use = llama(new Lora(), Lora.Config.class, Map.of());
    Path base = base(use);
    for (String name : List.of("tokenizer.json", "merges.txt", "LICENSE", "chat_template.jinja")) {
      Files.writeString(base.resolve(name), "{}");
    }
    Files.writeString(base.resolve("pytorch_model.bin"), "left behind");
    Files.writeString(base.resolve("adapter_config.json"), "{}");
    Path out = scratch.resolve("merged");
    merge(base, adapter(use, base), out, Dtype.BF16, ModelWriter.SHARD_BYTES);
    try (Stream<Path> files = Files.list(out)) {
      assertEquals(
          List.of(
              "LICENSE",
              "chat_template.jinja",
              "config.json",
              "merges.txt",
              "model.safetensors",
              "tokenizer.json"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
    String config = Files.readString(out.resolve("config.json"));
    assertEquals("bfloat16", new ObjectMapper().readTree(config).get("torch_dtype").asText());
    try (ModelTensors tensors = ModelTensors.open(ModelFolder.open(out))) {
      assertTrue(tensors.all().stream().allMatch(tensor -> tensor.dtype() == Dtype.BF16));
    }
  }

  @Test
  void whatTheAdapterDoesNotTouchKeepsItsBytes() throws IOException {
    Use use = llama(new Lora(), Lora.Config.class, Map.of("targets", List.of("q_proj")));
    Path base = base(use);
    Path out = scratch.resolve("merged");
    merge(base, adapter(use, base), out, null, ModelWriter.SHARD_BYTES);
    try (ModelTensors before = ModelTensors.open(ModelFolder.open(base));
        ModelTensors after = ModelTensors.open(ModelFolder.open(out))) {
      for (var tensor : before.all()) {
        int bytes = (int) tensor.bytes();
        boolean same =
            before
                .file(tensor.name())
                .slice(tensor, 0, bytes)
                .equals(after.file(tensor.name()).slice(after.tensor(tensor.name()), 0, bytes));
        assertEquals(!tensor.name().contains("q_proj"), same, tensor.name());
      }
    }
  }

  private Path base(Use use) throws IOException {
    RandomModel random = new RandomModel(use.family(), use.config(), Head.TOKENS, scratch);
    return random.write(scratch.resolve("base"));
  }

  private static Adapters.Opened nothing() {
    return new Adapters.Opened(Adapter.NONE, new Tensors(new Schema(List.of())));
  }

  /** With values that are no first values. */
  private Adapters.Opened adapter(Use use, Path folder) {
    try (Base base = bases.open(folder)) {
      Adapter adapter = use.method().open(use.options(), base.architecture());
      Tensors values = new Tensors(adapter.schema());
      for (int t = 0; t < values.schema().tensors().size(); t++) {
        Philox.of(3, 0, "", t, "merge")
            .addNormals(0, 0.3f, values.values(t), values.values(t).length);
      }
      return new Adapters.Opened(adapter, values);
    }
  }

  private void merge(Path base, Adapters.Opened adapter, Path out, Dtype dtype, long shard)
      throws IOException {
    new Merge(ModelFolder.open(base), bases.architecture(base, null), adapter)
        .write(out, dtype, shard, (what, done, of) -> {});
  }

  private float[] outputs(Path folder, Adapters.Opened adapter) {
    try (LanguageModel model = new LanguageModel(bases.open(folder), adapter.adapter());
        NDManager owner = model.newManager()) {
      List<Row> rows = Stream.of(FamilyContract.texts()).map(text -> Row.next(text, 1)).toList();
      return model.outputs(Batch.of(rows), model.list(owner, "p", adapter.values()));
    }
  }

  private static Path weights(Path folder) {
    return ModelFolder.open(folder).weights().get(0);
  }

  private static void assertNear(float[] expected, float[] actual, double share) {
    assertEquals(expected.length, actual.length);
    double largest = farthest(expected, new float[expected.length]);
    assertTrue(
        farthest(expected, actual) <= share * largest, "off by " + farthest(expected, actual));
  }

  private static double farthest(float[] one, float[] other) {
    double farthest = 0;
    for (int i = 0; i < one.length; i++) {
      farthest = Math.max(farthest, Math.abs(one[i] - other[i]));
    }
    return farthest;
  }
}
