package fedllm.models.phi;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhiTest {

  private static final String SMALL = Small.all().findFirst().orElseThrow().config();

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "qk_layernorm, true",
    "hidden_act, '\"snake\"'",
    "partial_rotary_factor, null",
    "partial_rotary_factor, 0.5",
    "partial_rotary_factor, 1.2",
    "sliding_window, 4096",
    "quantization_config, '{\"bits\": 4}'",
    "num_attention_heads, 3",
    "num_key_value_heads, 3",
    "layer_norm_eps, '\"small\"'"
  })
  void refusesWhatItCannotDoByTheKeysName(String key, String value) {
    SitsOut out = assertThrows(SitsOut.class, () -> open(ConfigText.with(SMALL, key, value)));
    assertTrue(out.getMessage().contains("config.json: " + key + " is "), out.getMessage());
  }

  @Test
  void readsTheShareThatTurnsWhereNewerFilesHaveIt() throws Exception {
    String moved =
        ConfigText.with(
            ConfigText.without(ConfigText.without(SMALL, "partial_rotary_factor"), "rope_theta"),
            "rope_parameters",
            "{\"rope_type\": \"default\", \"rope_theta\": 500.0, \"partial_rotary_factor\": 0.4}");
    Architecture phi = open(moved);
    assertEquals(open(SMALL), phi);
  }

  private Architecture open(String config) throws IOException {
    Path file = Files.writeString(folder.resolve("config.json"), config);
    return new Phi().open(ModelConfig.read(file), Head.TOKENS);
  }
}
