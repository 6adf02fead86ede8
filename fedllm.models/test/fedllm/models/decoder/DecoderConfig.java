package fedllm.models.decoder;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import fedllm.api.error.SitsOut;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.model.Weight;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Small configurations for tests, and what becomes of them. */
public final class DecoderConfig {

  private DecoderConfig() {}

  /** A decoder of width 16 with 4 heads. */
  public static String of(String type, int layers, int keyHeads, boolean tied, String more) {
    return """
    {"model_type": "%s", "hidden_act": "silu", "hidden_size": 16, "intermediate_size": 24,
     "num_hidden_layers": %d, "num_attention_heads": 4, "num_key_value_heads": %d,
     "vocab_size": 23, "tie_word_embeddings": %s, "rms_norm_eps": 1e-5, "rope_theta": 500.0,
     "attention_dropout": 0.1, "use_cache": true, %s}
    """
        .formatted(type, layers, keyHeads, tied, more);
  }

  /** The names of all weights. */
  public static List<String> weights(ModelFamily family, String config) throws IOException {
    return family.open(read(config), Head.TOKENS).weights().stream().map(Weight::name).toList();
  }

  /** The configuration is refused, and the message names the key. */
  public static void refuses(ModelFamily family, String config, String key, String value)
      throws IOException {
    ModelConfig read = read(with(config, "\"" + key + "\": " + value));
    SitsOut out = assertThrows(SitsOut.class, () -> family.open(read, Head.TOKENS));
    assertTrue(
        out.getMessage().contains("config.json: " + key + " is ")
            || out.getMessage().contains(": " + key + ": "),
        out.getMessage());
  }

  /** The configuration with other values of keys that it has, and with keys that it has not. */
  public static String with(String config, String keys) throws IOException {
    ObjectMapper json = new ObjectMapper();
    return ((ObjectNode) json.readTree(config))
        .<ObjectNode>setAll((ObjectNode) json.readTree("{" + keys + "}"))
        .toString();
  }

  /** The configuration as a file. */
  public static ModelConfig read(String config) throws IOException {
    Path file = Files.createTempDirectory("decoder").resolve("config.json");
    return ModelConfig.read(Files.writeString(file, config));
  }
}
