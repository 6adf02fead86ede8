package fedllm.models.phi3;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.learning.model.Head;
import fedllm.models.decoder.DecoderConfig;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Phi3Test {

  private static final String PLAIN =
      DecoderConfig.of(
          "phi3",
          1,
          2,
          false,
          "\"max_position_embeddings\": 64, \"original_max_position_embeddings\": 16");

  @Test
  void hasTheWeightsThatItsFilesHave() throws IOException {
    assertEquals(
        List.of(
            "input_layernorm",
            "post_attention_layernorm",
            "self_attn.qkv_proj",
            "mlp.gate_up_proj",
            "self_attn.o_proj",
            "mlp.down_proj"),
        DecoderConfig.weights(new Phi3(), PLAIN).stream()
            .filter(name -> name.startsWith("model.layers.0."))
            .map(name -> name.replaceFirst("model.layers.0.(.*).weight", "$1"))
            .toList());
  }

  @Test
  void readsTheNamesThatLongropeHadBefore() throws IOException {
    for (String type : List.of("su", "yarn", "longrope")) {
      String scaling =
          """
          , "rope_scaling": {"type": "%s", "short_factor": [1, 1], "long_factor": [2, 3]}}\
          """
              .formatted(type);
      var config = DecoderConfig.read(PLAIN.strip().replaceFirst("}$", scaling));
      var model = new Phi3().open(config, Head.TOKENS);
      assertEquals(64, model.context());
      assertEquals(true, model.rereads(16, 17), "one more than what it learned from first");
      assertEquals(false, model.rereads(17, 64));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "partial_rotary_factor, 0.75",
    "partial_rotary_factor, 2",
    "rope_scaling, '{\"type\": \"su\", \"short_factor\": [1], \"long_factor\": [1, 1]}'",
    "rope_scaling, '{\"type\": \"su\", \"short_factor\": [1, 1], \"long_factor\": [1, 0]}'",
    "rope_scaling, '{\"type\": \"su\", \"short_factor\": [1, 1], \"long_factor\": \"many\"}'",
    "hidden_act, '\"gelu\"'",
    "attention_bias, true",
    "sliding_window, -1"
  })
  void refusesWhatItCannotDoByTheKeysName(String key, String value) throws IOException {
    DecoderConfig.refuses(new Phi3(), PLAIN, key, value);
  }
}
