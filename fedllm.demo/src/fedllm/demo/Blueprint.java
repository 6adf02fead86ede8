package fedllm.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import fedllm.api.random.Philox;
import fedllm.api.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The demo model's shape, and what its weights start from. */
final class Blueprint {

  /** How many tokens it can read. */
  static final int CONTEXT = 128;

  private static final int WIDTH = 160;
  private static final int INNER = 432;
  private static final int LAYERS = 4;
  private static final int HEADS = 5;
  private static final int KEY_HEADS = 1;
  private static final float DEVIATION = 0.02f;

  private Blueprint() {}

  /** Writes {@code config.json}. */
  static void write(Path folder, BytePairs tokenizer) throws IOException {
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("architectures", List.of("LlamaForCausalLM"));
    config.put("model_type", "llama");
    config.put("hidden_size", WIDTH);
    config.put("intermediate_size", INNER);
    config.put("num_hidden_layers", LAYERS);
    config.put("num_attention_heads", HEADS);
    config.put("num_key_value_heads", KEY_HEADS);
    config.put("vocab_size", tokenizer.size());
    config.put("max_position_embeddings", CONTEXT);
    config.put("rms_norm_eps", 1e-5);
    config.put("rope_theta", 10_000.0);
    config.put("hidden_act", "silu");
    config.put("tie_word_embeddings", true);
    config.put("bos_token_id", tokenizer.id(BytePairs.BEGIN));
    config.put("eos_token_id", tokenizer.id(BytePairs.END));
    config.put("torch_dtype", "bfloat16");
    config.put("attention_bias", false);
    config.put("mlp_bias", false);
    ObjectMapper json = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    Files.writeString(folder.resolve("config.json"), json.writeValueAsString(config) + "\n");
  }

  /**
   * Norms start at one, all else normal; what writes to the residual stream the smaller, the more
   * layers do.
   */
  static float[] start(Tensor weight, long seed) {
    float[] values = new float[Math.toIntExact(weight.size())];
    if (weight.shape().size() == 1) {
      Arrays.fill(values, 1);
      return values;
    }
    boolean residual = weight.module().endsWith("o_proj") || weight.module().endsWith("down_proj");
    float scale = residual ? (float) (DEVIATION / Math.sqrt(2.0 * LAYERS)) : DEVIATION;
    Philox.of(seed, 0, "", 0, weight.name()).addNormals(0, scale, values, values.length);
    return values;
  }
}
