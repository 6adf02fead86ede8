package fedllm.models.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;

import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import fedllm.models.llama.Llama;
import fedllm.models.mistral.Mistral;
import fedllm.models.phi3.Phi3;
import fedllm.models.qwen2.Qwen2;
import fedllm.models.qwen3.Qwen3;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sizes of published models, and how many values they are known to have. */
class PublishedTest {

  private static final List<ModelFamily> FAMILIES =
      List.of(new Llama(), new Mistral(), new Qwen2(), new Qwen3(), new Phi3());

  private static final String LLAMA3 =
      """
      "rope_theta": 500000.0, "max_position_embeddings": 131072, "attention_bias": false,
      "mlp_bias": false, "pretraining_tp": 1, "rope_scaling": {"rope_type": "llama3",
      "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
      "original_max_position_embeddings": 8192}\
      """;

  private static final String MISTRAL =
      "\"sliding_window\": 4096, \"max_position_embeddings\": 32768, \"rope_theta\": 10000.0";

  private static final String QWEN =
      """
      "use_sliding_window": false, "sliding_window": 32768, "max_window_layers": 21,
      "rope_theta": 1000000.0, "max_position_embeddings": 32768\
      """;

  private static final String PHI =
      """
      "attention_bias": false, "embd_pdrop": 0.0, "resid_pdrop": 0.0, "sliding_window": 262144,
      "max_position_embeddings": 131072, "original_max_position_embeddings": 4096,
      "rope_scaling": {"type": "longrope", "short_factor": FACTORS, "long_factor": FACTORS}\
      """;

  @ParameterizedTest
  @CsvSource({
    "llama, 2048, 8192, 16, 32, 8, 64, 128256, true, 131072, 1235814400",
    "llama, 4096, 14336, 32, 32, 8, 128, 128256, false, 131072, 8030261248",
    "mistral, 4096, 14336, 32, 32, 8, 128, 32000, false, 32768, 7241732096",
    "qwen2, 896, 4864, 24, 14, 2, 64, 151936, true, 32768, 494032768",
    "qwen2, 3584, 18944, 28, 28, 4, 128, 152064, false, 32768, 7615616512",
    "qwen3, 1024, 3072, 28, 16, 8, 128, 151936, true, 32768, 596049920",
    "qwen3, 4096, 12288, 36, 32, 8, 128, 151936, false, 32768, 8190735360",
    "phi3, 3072, 8192, 32, 32, 32, 96, 32064, false, 131072, 3821079552",
    "phi3, 3072, 8192, 32, 24, 8, 128, 200064, true, 131072, 3836021760"
  })
  void haveAsManyValuesAsTheirFiles(
      String type,
      int width,
      int inner,
      int layers,
      int heads,
      int keyHeads,
      int headWidth,
      int vocabulary,
      boolean tied,
      int context,
      long values)
      throws IOException {
    String config =
        """
        {"model_type": "%s", "hidden_act": "silu", "hidden_size": %d, "intermediate_size": %d,
         "num_hidden_layers": %d, "num_attention_heads": %d, "num_key_value_heads": %d,
         "head_dim": %d, "vocab_size": %d, "tie_word_embeddings": %s, "rms_norm_eps": 1e-05,
         "initializer_range": 0.02, "torch_dtype": "bfloat16", "use_cache": true, %s}
        """
            .formatted(
                type,
                width,
                inner,
                layers,
                heads,
                keyHeads,
                headWidth,
                vocabulary,
                tied,
                special(type, headWidth));
    Architecture model = open(DecoderConfig.read(config));
    assertEquals(
        values, model.weights().stream().mapToLong(weight -> weight.tensor().size()).sum());
    assertEquals(context, model.context());
  }

  private static String special(String type, int headWidth) {
    // The one Phi of heads of 128 turns three quarters of each.
    String part = headWidth == 128 ? ", \"partial_rotary_factor\": 0.75" : "";
    return switch (type) {
      case "llama" -> LLAMA3;
      case "mistral" -> MISTRAL;
      case "phi3" -> PHI.replace("FACTORS", Collections.nCopies(48, 1.5).toString()) + part;
      default -> QWEN;
    };
  }

  private static Architecture open(ModelConfig config) {
    return FAMILIES.stream()
        .filter(family -> family.claims(config))
        .findFirst()
        .orElseThrow()
        .open(config, Head.TOKENS);
  }
}
