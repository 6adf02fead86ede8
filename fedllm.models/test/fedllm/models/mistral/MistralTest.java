package fedllm.models.mistral;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.models.decoder.DecoderConfig;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MistralTest {

  @Test
  void looksNearWhereNothingIsSaidAsHuggingFaceDoes() throws IOException {
    assertEquals(4096, open("\"max_position_embeddings\": 64").window());
    assertEquals(0, open("\"sliding_window\": null").window());
    assertEquals(7, open("\"sliding_window\": 7").window());
  }

  @Test
  void sharesKeysAmongEightWhereNothingIsSaidAsHuggingFaceDoes() throws IOException {
    String config =
        DecoderConfig.with(
            DecoderConfig.of("mistral", 1, 1, true, "\"head_dim\": 2"),
            "\"num_attention_heads\": 16");
    assertEquals(8, keyHeads(config.replace("\"num_key_value_heads\":1,", "")));
    assertEquals(16, keyHeads(DecoderConfig.with(config, "\"num_key_value_heads\": null")));
  }

  @ParameterizedTest
  @CsvSource({
    "sliding_window, 0",
    "sliding_window, '\"4096\"'",
    "hidden_act, '\"gelu\"'",
    "attention_bias, true",
    "mlp_bias, true",
    "use_sliding_window, true",
    "layer_types, '[\"sliding_attention\", \"full_attention\"]'",
    "rope_scaling, '{\"type\": \"spiral\"}'",
    "num_local_experts, 8"
  })
  void refusesWhatItCannotDoByTheKeysName(String key, String value) throws IOException {
    String config = DecoderConfig.of("mistral", 2, 2, true, "\"max_position_embeddings\": 64");
    DecoderConfig.refuses(new Mistral(), config, key, value);
  }

  private static int keyHeads(String config) throws IOException {
    return new Mistral().open(DecoderConfig.read(config), Head.TOKENS).attention().keyHeads();
  }

  private static Architecture open(String more) throws IOException {
    String config = DecoderConfig.of("mistral", 2, 2, true, more);
    return new Mistral().open(DecoderConfig.read(config), Head.TOKENS);
  }
}
