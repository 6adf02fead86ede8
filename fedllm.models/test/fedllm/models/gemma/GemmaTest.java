package fedllm.models.gemma;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.api.error.SitsOut;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.testkit.learning.ConfigText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GemmaTest {

  private static final String FIRST = Small.first().findFirst().orElseThrow().config();
  private static final String SECOND = Small.second().findFirst().orElseThrow().config();

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "hidden_activation, '\"snake\"'",
    "hidden_act, '\"snake\"'",
    "attention_bias, true",
    "use_bidirectional_attention, true",
    "quantization_config, '{\"bits\": 4}'",
    "attn_logit_softcapping, 50.0",
    "sliding_window, 4096",
    "num_key_value_heads, 3",
    "head_dim, 7",
    "rms_norm_eps, '\"small\"'"
  })
  void refusesWhatItCannotDoByTheKeysName(String key, String value) {
    refuses(FIRST, key, value);
  }

  @ParameterizedTest
  @CsvSource({
    "attention_bias, true",
    "attn_logit_softcapping, 0",
    "final_logit_softcapping, -30.0",
    "query_pre_attn_scalar, 0",
    "sliding_window, 0",
    "layer_types, '[\"full_attention\"]'",
    "layer_types, '[\"full_attention\", \"full_attention\", \"chunked_attention\"]'"
  })
  void refusesWhatTheSecondCannotDoByTheKeysName(String key, String value) {
    refuses(SECOND, key, value);
  }

  @Test
  void readsWhatIsNotThereAsItsMakersDo() throws Exception {
    Architecture gemma =
        open(
            """
            {"model_type": "gemma2", "hidden_size": 16, "intermediate_size": 8, "vocab_size": 9,
             "num_hidden_layers": 5, "num_attention_heads": 8}
            """);
    assertEquals(8192, gemma.context());
    assertEquals(4, gemma.attention().keyHeads());
    assertEquals(256, gemma.attention().width());
    assertEquals(1 / 16.0, gemma.attention().scale());
    assertEquals(50, gemma.attention().cap());
    assertEquals(4096, gemma.window());
    assertEquals(30, ((GemmaArchitecture) gemma).finalCap());
    assertArrayEquals(new int[] {0, 2, 4}, near(gemma));
  }

  @Test
  void everyLayerSeesAllWhereTheWindowIsNull() throws Exception {
    Architecture gemma = open(ConfigText.with(SECOND, "sliding_window", "null"));
    assertEquals(0, gemma.window());
    assertArrayEquals(new int[0], near(gemma));
  }

  private static int[] near(Architecture gemma) {
    return IntStream.range(0, gemma.layers())
        .filter(((GemmaArchitecture) gemma).like().near().layers()::contains)
        .toArray();
  }

  private void refuses(String config, String key, String value) {
    SitsOut out = assertThrows(SitsOut.class, () -> open(ConfigText.with(config, key, value)));
    assertTrue(out.getMessage().contains("config.json: " + key + " is "), out.getMessage());
  }

  private Architecture open(String config) throws IOException {
    Path file = Files.writeString(folder.resolve("config.json"), config);
    return new Gemma().open(ModelConfig.read(file), Head.TOKENS);
  }
}
