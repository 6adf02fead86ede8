package fedllm.models.qwen2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fedllm.learning.model.Head;
import fedllm.models.decoder.DecoderConfig;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Qwen2Test {

  private static final String PLAIN =
      DecoderConfig.of("qwen2", 2, 2, true, "\"max_position_embeddings\": 64");

  @Test
  void hasBiasesAtQueriesKeysAndValuesOnly() throws IOException {
    List<String> biases =
        DecoderConfig.weights(new Qwen2(), PLAIN).stream()
            .filter(name -> name.startsWith("model.layers.1.") && name.endsWith(".bias"))
            .map(name -> name.replaceFirst("model.layers.1.self_attn.", ""))
            .toList();
    assertEquals(List.of("q_proj.bias", "k_proj.bias", "v_proj.bias"), biases);
  }

  @Test
  void looksNearOnlyWhereItIsToldTo() throws IOException {
    assertEquals(0, window("\"sliding_window\": 7"));
    assertEquals(0, window("\"sliding_window\": 7, \"use_sliding_window\": true"));
    assertEquals(
        7, window("\"sliding_window\": 7, \"use_sliding_window\": true, \"max_window_layers\": 0"));
    assertEquals(
        4096,
        window(
            "\"use_sliding_window\": true,"
                + " \"layer_types\": [\"full_attention\", \"sliding_attention\"]"));
  }

  @Test
  void readsTheRecipeForLongerTextsOfItsModelCards() throws IOException {
    String config =
        DecoderConfig.of(
            "qwen2",
            2,
            2,
            true,
            """
            "max_position_embeddings": 32768, "rope_scaling": {"factor": 4.0,
             "original_max_position_embeddings": 32768, "type": "yarn"}\
            """);
    assertEquals(131_072, new Qwen2().open(DecoderConfig.read(config), Head.TOKENS).context());
  }

  @ParameterizedTest
  @CsvSource({
    "layer_types, '[\"full_attention\"]'",
    "layer_types, '[\"full_attention\", \"chunked_attention\"]'",
    "use_sliding_window, 1",
    "use_sliding_window, 'false, \"layer_types\": [\"full_attention\", \"sliding_attention\"]'",
    "sliding_window, 'null, \"use_sliding_window\": true, \"layer_types\": [\"full_attention\","
        + " \"sliding_attention\"]'",
    "max_window_layers, '-1, \"use_sliding_window\": true'",
    "attention_bias, true",
    "hidden_act, '\"gelu_new\"'",
    "rope_scaling, '{\"type\": \"yarn\", \"factor\": 4, \"mrope_section\": [1]}'"
  })
  void refusesWhatItCannotDoByTheKeysName(String key, String value) throws IOException {
    DecoderConfig.refuses(new Qwen2(), PLAIN, key, value);
  }

  @Test
  void isTheFamilyOfItsFilesOnly() throws IOException {
    assertTrue(new Qwen2().claims(DecoderConfig.read(PLAIN)));
    assertFalse(new Qwen2().claims(DecoderConfig.read(PLAIN.replace("qwen2", "qwen2_moe"))));
  }

  private static int window(String more) throws IOException {
    String config = DecoderConfig.of("qwen2", 2, 2, true, more);
    return new Qwen2().open(DecoderConfig.read(config), Head.TOKENS).window();
  }
}
