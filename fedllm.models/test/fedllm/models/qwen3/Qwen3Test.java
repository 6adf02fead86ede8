package fedllm.models.qwen3;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.learning.model.Head;
import fedllm.models.decoder.DecoderConfig;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Qwen3Test {

  private static final String PLAIN =
      DecoderConfig.of("qwen3", 1, 2, true, "\"max_position_embeddings\": 64");

  @Test
  void hasTheWeightsThatItsFilesHave() throws IOException {
    assertEquals(
        List.of(
            "input_layernorm",
            "post_attention_layernorm",
            "self_attn.q_norm",
            "self_attn.k_norm",
            "self_attn.q_proj",
            "self_attn.k_proj",
            "self_attn.v_proj",
            "mlp.gate_proj",
            "mlp.up_proj",
            "self_attn.o_proj",
            "mlp.down_proj"),
        DecoderConfig.weights(new Qwen3(), PLAIN).stream()
            .filter(name -> name.startsWith("model.layers.0."))
            .map(name -> name.replaceFirst("model.layers.0.(.*).weight", "$1"))
            .toList());
  }

  @Test
  void hasHeadsOf128WhereNothingIsSaidAsHuggingFaceDoes() throws IOException {
    var model = new Qwen3().open(DecoderConfig.read(PLAIN), Head.TOKENS);
    assertEquals(128, model.attention().width());
  }

  @ParameterizedTest
  @CsvSource({
    "layer_types, '[\"linear_attention\"]'",
    "mlp_bias, true",
    "num_experts, 128",
    "hidden_act, '\"relu\"'",
    "head_dim, 7",
    "rope_parameters, '{\"rope_type\": \"default\", \"rope_theta\": 0.5}'"
  })
  void refusesWhatItCannotDoByTheKeysName(String key, String value) throws IOException {
    String config = PLAIN.replace("\"rope_theta\": 500.0,", "");
    DecoderConfig.refuses(new Qwen3(), config, key, value);
  }
}
