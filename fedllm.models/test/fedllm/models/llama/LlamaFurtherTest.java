package fedllm.models.llama;

import fedllm.learning.model.ModelFamily;
import fedllm.models.decoder.DecoderConfig;
import fedllm.models.decoder.DecoderContract;
import java.util.stream.Stream;

/** Rotary embeddings that reach further: the contract's texts are longer than the first context. */
class LlamaFurtherTest implements DecoderContract {

  @Override
  public ModelFamily family() {
    return new Llama();
  }

  @Override
  public Stream<String> configs() {
    return Stream.of(
        of("rope_scaling", 8, "\"type\": \"linear\", \"factor\": 4.0"),
        of("rope_scaling", 4, "\"type\": \"dynamic\", \"factor\": 8.0"),
        of(
            "rope_scaling",
            64,
            """
            "rope_type": "llama3", "factor": 8.0, "low_freq_factor": 0.05,
            "high_freq_factor": 0.5, "original_max_position_embeddings": 5\
            """),
        of("rope_parameters", 6, "\"rope_type\": \"yarn\", \"rope_theta\": 500, \"factor\": 8.0"),
        of(
            "rope_scaling",
            64,
            """
            "rope_type": "yarn", "factor": 16, "original_max_position_embeddings": 4,
            "beta_fast": 1.5, "beta_slow": 0.02, "mscale": 1.2, "mscale_all_dim": 0.7,
            "truncate": false\
            """),
        of(
            "rope_parameters",
            64,
            """
            "rope_type": "longrope", "original_max_position_embeddings": 5,
            "short_factor": [1.0, 1.1, 1.2, 1.4], "long_factor": [1.5, 3.0, 6.0, 9.0]\
            """));
  }

  private static String of(String spelling, int positions, String scaling) {
    return DecoderConfig.of(
        "llama",
        1,
        2,
        true,
        "\"head_dim\": 8, \"max_position_embeddings\": %d, \"%s\": {%s}"
            .formatted(positions, spelling, scaling));
  }
}
