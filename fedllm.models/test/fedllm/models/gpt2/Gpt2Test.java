package fedllm.models.gpt2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.format.Dtype;
import fedllm.format.HeaderJson;
import fedllm.format.SafetensorsFile;
import fedllm.format.SafetensorsHeader;
import fedllm.format.TensorInfo;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.peft.Adapter;
import fedllm.testkit.learning.ConfigText;
import fedllm.testkit.learning.FamilyContract;
import fedllm.testkit.learning.RandomModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Gpt2Test {

  private static final Small SMALL = new Small(16, null, 2, 4, "gelu_new", true, false, true);

  @TempDir Path folder;

  @Test
  void readsFilesThatWereWrittenWithoutAHeadAndLeavesTheirMasksAside() throws Exception {
    Path whole = write(folder.resolve("whole"), UnaryOperator.identity());
    Path bare =
        write(folder.resolve("bare"), name -> name.replace("transformer.", ""), "h.0.attn.bias");
    assertArrayEquals(logits(whole), logits(bare));
  }

  @Test
  void refusesFilesThatHoldAWeightUnderTwoNames() throws Exception {
    Path twice = write(folder, UnaryOperator.identity(), "wte.weight");
    SitsOut out = assertThrows(SitsOut.class, () -> logits(twice));
    assertTrue(out.getMessage().contains("wte.weight"), out.getMessage());
    assertTrue(out.getMessage().endsWith("once more"), out.getMessage());
  }

  @Test
  void refusesWhatItWouldNotUse() throws Exception {
    Path more = write(folder, UnaryOperator.identity(), "h.0.crossattention.c_attn.weight");
    SitsOut out = assertThrows(SitsOut.class, () -> logits(more));
    assertTrue(out.getMessage().contains("h.0.crossattention.c_attn.weight"), out.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "activation_function, '\"snake\"'",
    "add_cross_attention, true",
    "quantization_config, '{}'",
    "n_head, 3",
    "n_layer, 0",
    "scale_attn_weights, 1",
    "tie_word_embeddings, 1",
    "vocab_size, null"
  })
  void refusesWhatItCannotDoByTheKeysName(String key, String value) throws Exception {
    refuses(key, value, Head.TOKENS);
  }

  @Test
  void refusesToClassifyTokens() throws Exception {
    refuses("architectures", "[]", new Head(Head.Kind.TOKEN_CLASSES, 3));
  }

  private void refuses(String key, String value, Head head) throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, ConfigText.with(SMALL.config(), key, value));
    SitsOut out = assertThrows(SitsOut.class, () -> new Gpt2().open(ModelConfig.read(file), head));
    assertTrue(out.getMessage().contains(file + ": " + key + " is "), out.getMessage());
  }

  /** The same model with other names, and with tensors of one value more. */
  private Path write(Path to, UnaryOperator<String> named, String... more) throws IOException {
    RandomModel random = new RandomModel(new Gpt2(), SMALL.config(), Head.TOKENS, folder);
    Path file = random.write(to).resolve("model.safetensors");
    List<Tensor> tensors = new ArrayList<>();
    List<byte[]> values = new ArrayList<>();
    try (SafetensorsFile written = SafetensorsFile.open(file)) {
      for (TensorInfo info : written.header().tensors()) {
        tensors.add(new Tensor("", named.apply(info.name()), info.shape()));
        byte[] bytes = new byte[(int) info.elements() * Float.BYTES];
        written.slice(info, 0, bytes.length).get(bytes);
        values.add(bytes);
      }
    }
    for (String name : more) {
      tensors.add(new Tensor("", name, List.of(1L)));
      values.add(new byte[Float.BYTES]);
    }
    byte[] header =
        HeaderJson.write(SafetensorsHeader.of(new Schema(tensors), Dtype.F32, Map.of()));
    int size = header.length + values.stream().mapToInt(bytes -> bytes.length).sum();
    ByteBuffer all = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN).put(header);
    values.forEach(all::put);
    Files.write(file, all.array());
    return to;
  }

  private static float[] logits(Path path) {
    Bases bases = new Bases(List.of(new Gpt2()));
    try (LanguageModel model = new LanguageModel(bases.open(path), Adapter.NONE);
        NDManager owner = model.newManager()) {
      return model.logits(FamilyContract.texts()[0], model.list(owner, "p", model.initial(1)));
    }
  }
}
