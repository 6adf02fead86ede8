package fedllm.peft;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.api.error.Refused;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensors;
import fedllm.format.Dtype;
import fedllm.format.ModelFolder;
import fedllm.format.ModelTensors;
import fedllm.format.ModelWriter;
import fedllm.format.TensorInfo;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Merge;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Adapters;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.models.bert.Bert;
import fedllm.models.gpt2.Gpt2;
import fedllm.models.llama.Llama;
import fedllm.peft.lora.Lora;
import fedllm.testkit.TestOptions;
import fedllm.testkit.learning.FamilyContract;
import fedllm.testkit.learning.PlainLlama;
import fedllm.testkit.learning.RandomModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A head of classes, learned beside a base that lacks it, becomes part of a whole model. */
class MergeHeadTest {

  @TempDir Path scratch;

  private final Bases bases = new Bases(List.of(new Llama(), new Gpt2(), new Bert()));

  /**
   * A model with a head beside it.
   *
   * @param saved the module that is trained whole
   * @param added the weights that the files lack
   */
  record Use(
      ModelFamily family,
      String config,
      Head head,
      String saved,
      String architecture,
      List<String> added) {}

  static Stream<Use> uses() {
    Head texts = new Head(Head.Kind.SEQUENCE_CLASSES, 3);
    Head words = new Head(Head.Kind.TOKEN_CLASSES, 5);
    String llama =
        PlainLlama.CONFIG.replaceFirst("\\{", "{\"architectures\": [\"LlamaForCausalLM\"],");
    return Stream.of(
        new Use(
            new Llama(),
            llama,
            texts,
            "score",
            "LlamaForSequenceClassification",
            List.of("score.weight")),
        new Use(
            new Gpt2(),
            Others.GPT2,
            texts,
            "score",
            "GPT2ForSequenceClassification",
            List.of("score.weight")),
        new Use(
            new Bert(),
            Others.BERT,
            words,
            "classifier",
            "BertForTokenClassification",
            List.of("classifier.bias", "classifier.weight")));
  }

  @ParameterizedTest
  @MethodSource("uses")
  void answersAsBaseAdapterAndHeadDoAndIsNamedAsHuggingFaceNamesIt(Use use) throws IOException {
    Path base = base(use);
    Adapters.Opened adapter = saved(use, base);
    Path folder = scratch.resolve("adapter");
    Head found = Adapters.head(folder, head -> bases.architecture(base, head)).orElseThrow();
    assertEquals(use.head(), found);
    Path merged = scratch.resolve("merged");
    merge(base, found, adapter, labels(use), merged);
    float[] beside = outputs(base, use.head(), adapter);
    float[] whole = outputs(merged, null, nothing());
    assertArrayEquals(beside, whole, 2e-5f * farthest(beside));
    assertTrue(farthest(beside) > 0.01, "the head says nothing");
    JsonNode config = new ObjectMapper().readTree(merged.resolve("config.json").toFile());
    assertEquals("[\"" + use.architecture() + "\"]", config.get("architectures").toString());
    assertEquals("kind 1", config.at("/id2label/1").asText());
    assertEquals(1, config.at("/label2id/kind 1").asInt());
    assertEquals(use.head().classes(), config.get("id2label").size());
    List<String> before = names(base);
    List<String> added = new ArrayList<>(names(merged));
    added.removeAll(before);
    assertEquals(use.added(), added);
    assertFalse(names(merged).contains("lm_head.weight"), "the head for tokens is gone");
  }

  @Test
  void numbersTheClassesThatNobodyNames() throws IOException {
    Use use = uses().findFirst().orElseThrow();
    Path base = base(use);
    Adapters.Opened adapter = saved(use, base);
    Path merged = scratch.resolve("merged");
    merge(base, use.head(), adapter, List.of(), merged);
    JsonNode config = new ObjectMapper().readTree(merged.resolve("config.json").toFile());
    assertEquals("LABEL_2", config.at("/id2label/2").asText());
  }

  @Test
  void refusesOtherLabelsThanClasses() throws IOException {
    Use use = uses().findFirst().orElseThrow();
    Path base = base(use);
    Adapters.Opened adapter = saved(use, base);
    Refused refusal =
        assertThrows(
            Refused.class,
            () -> merge(base, use.head(), adapter, List.of("a"), scratch.resolve("out")));
    assertEquals("there are 1 labels for 3 classes", refusal.getMessage());
  }

  @Test
  void anAdapterThatTellsNoClassesLeavesTheModelsOwnHead() throws IOException {
    Use use = uses().findFirst().orElseThrow();
    Path base = base(use);
    try (Base model = bases.open(base)) {
      Adapter lora = new Lora().open(TestOptions.none(), model.architecture());
      Path folder = scratch.resolve("plain");
      Adapters.save(folder, new Adapters.Opened(lora, new Tensors(lora.schema())));
      assertTrue(Adapters.head(folder, head -> bases.architecture(base, head)).isEmpty());
    }
  }

  private Path base(Use use) throws IOException {
    return new RandomModel(use.family(), use.config(), Head.TOKENS, scratch)
        .write(scratch.resolve("base"));
  }

  /** LoRA and a head with values that are no first values, also as a folder. */
  private Adapters.Opened saved(Use use, Path base) throws IOException {
    try (Base model = bases.open(base, use.head())) {
      Adapter adapter =
          new Lora()
              .open(
                  TestOptions.of(Lora.Config.class, Map.of("modulesToSave", List.of(use.saved()))),
                  model.architecture());
      Tensors values = new Tensors(adapter.schema());
      for (int t = 0; t < values.schema().tensors().size(); t++) {
        Philox.of(3, 0, "", t, "merge")
            .addNormals(0, 0.3f, values.values(t), values.values(t).length);
      }
      Adapters.Opened opened = new Adapters.Opened(adapter, values);
      Adapters.save(scratch.resolve("adapter"), opened);
      return opened;
    }
  }

  private static List<String> labels(Use use) {
    return Stream.iterate(0, i -> i + 1).limit(use.head().classes()).map(i -> "kind " + i).toList();
  }

  private static Adapters.Opened nothing() {
    return new Adapters.Opened(Adapter.NONE, new Tensors(new Schema(List.of())));
  }

  private void merge(Path base, Head head, Adapters.Opened adapter, List<String> labels, Path out)
      throws IOException {
    new Merge(ModelFolder.open(base), bases.architecture(base, head), adapter, labels)
        .write(out, Dtype.F32, ModelWriter.SHARD_BYTES, (what, done, of) -> {});
  }

  private float[] outputs(Path folder, Head head, Adapters.Opened adapter) {
    Base base = head == null ? bases.open(folder) : bases.open(folder, head);
    try (LanguageModel model = new LanguageModel(base, adapter.adapter());
        NDManager owner = model.newManager()) {
      int classes = base.architecture().head().classes();
      boolean each = base.architecture().head().kind() == Head.Kind.TOKEN_CLASSES;
      List<Row> rows = new ArrayList<>();
      for (int[] text : FamilyContract.texts()) {
        rows.add(new Row(text, new int[each ? text.length : 1]));
      }
      assertTrue(classes > 0);
      return model.outputs(Batch.of(rows), model.list(owner, "p", adapter.values()));
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (ModelTensors tensors = ModelTensors.open(ModelFolder.open(folder))) {
      return tensors.all().stream().map(TensorInfo::name).sorted().toList();
    }
  }

  private static float farthest(float[] values) {
    float farthest = 0;
    for (float value : values) {
      farthest = Math.max(farthest, Math.abs(value));
    }
    return farthest;
  }
}
