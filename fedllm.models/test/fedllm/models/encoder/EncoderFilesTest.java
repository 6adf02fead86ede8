package fedllm.models.encoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Tensors;
import fedllm.format.Dtype;
import fedllm.format.HeaderJson;
import fedllm.format.SafetensorsHeader;
import fedllm.format.TensorInfo;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.model.Site;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Graft;
import fedllm.learning.peft.Whole;
import fedllm.learning.text.Batch;
import fedllm.learning.text.Row;
import fedllm.models.albert.Albert;
import fedllm.models.bert.Bert;
import fedllm.models.distilbert.DistilBert;
import fedllm.models.roberta.Roberta;
import fedllm.testkit.learning.RandomModel;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The several ways in which files of encoders are written. */
class EncoderFilesTest {

  private static final Head TWO = new Head(Head.Kind.SEQUENCE_CLASSES, 2);
  private static final Row ROW = new Row(new int[] {3, 1, 4, 1, 5}, new int[] {1});
  private static final String CONFIG =
      """
      {"model_type": "bert", "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 1,
       "num_attention_heads": 2, "vocab_size": 23, "max_position_embeddings": 34}
      """;

  @TempDir Path folder;

  @Test
  void readsABodysFilesWithoutTheModelsNameAndWithTheNormsOldNames() throws IOException {
    RandomModel random = new RandomModel(new Bert(), CONFIG, TWO, folder);
    Path whole = random.write(folder.resolve("whole"));
    Map<String, float[]> tensors = new LinkedHashMap<>();
    random
        .weights()
        .forEach(
            (name, values) ->
                tensors.put(
                    name.replaceFirst("^bert\\.", "")
                        .replace("LayerNorm.weight", "LayerNorm.gamma")
                        .replace("LayerNorm.bias", "LayerNorm.beta"),
                    values));
    assertTrue(tensors.containsKey("encoder.layer.0.output.LayerNorm.gamma"));
    tensors.put("embeddings.position_ids", new float[34]);
    tensors.put("cls.predictions.bias", new float[23]);
    assertArrayEquals(logits(whole), logits(write(tensors, random, "bare")));
  }

  @Test
  void refusesATensorThatWouldChangeTheOutput() throws IOException {
    RandomModel random = new RandomModel(new Bert(), CONFIG, TWO, folder);
    Map<String, float[]> tensors = new LinkedHashMap<>(random.weights());
    tensors.put("bert.embeddings.extra.weight", new float[8]);
    Path path = write(tensors, random, "more");
    SitsOut out = assertThrows(SitsOut.class, () -> logits(path));
    assertTrue(out.getMessage().contains("bert.embeddings.extra.weight"), out.getMessage());
  }

  @Test
  void aHeadThatTheFilesLackHasToBeTrainedAndStartsFromNormalNumbers() throws IOException {
    RandomModel random = new RandomModel(new Bert(), CONFIG, TWO, folder);
    Map<String, float[]> tensors = new LinkedHashMap<>(random.weights());
    tensors.remove("classifier.weight");
    tensors.remove("classifier.bias");
    Path path = write(tensors, random, "headless");
    SitsOut out = assertThrows(SitsOut.class, () -> logits(path));
    assertTrue(out.getMessage().contains("no weight file holds classifier.weight"));
    assertTrue(out.getMessage().contains("name classifier in peft.modulesToSave"));

    Site at = Site.linear("classifier", 8, 2);
    Base base = new Bases(List.of(new Bert())).open(path, TWO);
    Graft graft = Whole.of(at, base.architecture());
    try (LanguageModel model = new LanguageModel(base, new Adapter(List.of(graft), Map.of()))) {
      Tensors first = model.initial(1);
      assertEquals("base_model.model.classifier.weight", first.schema().tensors().get(0).name());
      double squares = 0;
      for (float value : first.values(0)) {
        squares += value * value;
      }
      assertEquals(0.02, Math.sqrt(squares / 16), 0.01);
      assertArrayEquals(new float[2], first.values(1));
    }
  }

  @Test
  void takesTheNumberOfClassesFromTheConfigurationWhereNobodySaysIt() throws IOException {
    String labelled =
        CONFIG.strip().replaceFirst("}$", ", \"id2label\": {\"0\": \"a\", \"1\": \"b\"}}");
    Path path = new RandomModel(new Bert(), labelled, TWO, folder).write(folder.resolve("two"));
    Bases bases = new Bases(List.of(new Bert()));
    try (var base = bases.open(path, new Head(Head.Kind.SEQUENCE_CLASSES, 0));
        var same = bases.open(path, TWO)) {
      assertEquals(TWO, base.architecture().head());
      assertTrue(base == same, "one base for one use");
      assertEquals(List.of("a", "b"), ModelConfig.read(base.folder().config()).labels());
    }
    Path silent = new RandomModel(new Bert(), CONFIG, TWO, folder).write(folder.resolve("silent"));
    SitsOut out =
        assertThrows(SitsOut.class, () -> bases.open(silent, new Head(Head.Kind.TOKEN_CLASSES, 0)));
    assertTrue(out.getMessage().contains("has no id2label"), out.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "bert, position_embedding_type, '\"relative_key\"'",
    "bert, hidden_act, '\"softplus\"'",
    "bert, is_decoder, true",
    "bert, add_cross_attention, true",
    "bert, quantization_config, '{}'",
    "bert, num_attention_heads, 3",
    "bert, num_hidden_layers, 0",
    "bert, type_vocab_size, 0",
    "roberta, pad_token_id, -1",
    "roberta, pad_token_id, 23",
    "roberta, max_position_embeddings, 2",
    "roberta, position_embedding_type, '\"relative_key_query\"'",
    "albert, num_hidden_groups, 2",
    "albert, inner_group_num, 0",
    "albert, embedding_size, \"wide\"",
    "distilbert, n_heads, 3",
    "distilbert, activation, '\"softplus\"'",
    "distilbert, dim, 0"
  })
  void refusesWhatItCannotDoByTheKeysName(String type, String key, String value)
      throws IOException {
    String others =
        """
        {"model_type": "TYPE", "hidden_size": 8, "intermediate_size": 12, "num_hidden_layers": 1,
         "num_attention_heads": 2, "vocab_size": 23, "dim": 8, "hidden_dim": 12, "n_layers": 1,
         "n_heads": 2, "type_vocab_size": 2}
        """
            .replace("TYPE", type)
            .replaceFirst(",\\s*\"" + key + "\": \\d+", "");
    String config = others.strip().replaceFirst("}$", ", \"" + key + "\": " + value + "}");
    Path file = Files.writeString(folder.resolve("config.json"), config);
    ModelFamily family =
        switch (type) {
          case "bert" -> new Bert();
          case "roberta" -> new Roberta();
          case "albert" -> new Albert();
          default -> new DistilBert();
        };
    SitsOut out =
        assertThrows(SitsOut.class, () -> family.open(ModelConfig.read(file), Head.TOKENS));
    assertTrue(out.getMessage().contains(file + ": " + key + " is "), out.getMessage());
  }

  private static float[] logits(Path path) {
    try (LanguageModel model =
            new LanguageModel(new Bases(List.of(new Bert())).open(path, TWO), Adapter.NONE);
        NDManager owner = model.newManager()) {
      return model.outputs(Batch.of(List.of(ROW)), model.list(owner, "p", model.initial(1)));
    }
  }

  /** Writes tensors under these names; shapes are those of the weights they are. */
  private Path write(Map<String, float[]> tensors, RandomModel random, String name)
      throws IOException {
    Path path = random.write(folder.resolve(name));
    List<TensorInfo> infos = new ArrayList<>();
    long at = 0;
    for (var tensor : tensors.entrySet()) {
      long size = tensor.getValue().length;
      List<Long> shape = List.of(size);
      for (String weight :
          List.of(
              "classifier.weight",
              "dense.weight",
              "embeddings.weight",
              "query.weight",
              "key.weight",
              "value.weight")) {
        if (tensor.getKey().endsWith(weight)) {
          long width = tensor.getKey().endsWith("layer.0.output.dense.weight") ? 12 : 8;
          shape = List.of(size / width, width);
        }
      }
      infos.add(new TensorInfo(tensor.getKey(), Dtype.F32, shape, at, at + 4 * size));
      at += 4 * size;
    }
    try (OutputStream out = Files.newOutputStream(path.resolve("model.safetensors"))) {
      out.write(HeaderJson.write(new SafetensorsHeader(infos, Map.of())));
      for (float[] values : tensors.values()) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        out.write(bytes.array());
      }
    }
    return path;
  }
}
