package fedllm.models.phi3;

import fedllm.learning.model.ModelFamily;
import fedllm.models.decoder.DecoderConfig;
import fedllm.models.decoder.DecoderContract;
import java.util.stream.Stream;

class Phi3ContractTest implements DecoderContract {

  @Override
  public ModelFamily family() {
    return new Phi3();
  }

  @Override
  public Stream<String> configs() {
    return Stream.of(
        DecoderConfig.of("phi3", 2, 2, false, "\"sliding_window\": 3"),
        DecoderConfig.of(
            "phi3",
            1,
            1,
            true,
            """
            "head_dim": 8, "partial_rotary_factor": 0.5, "max_position_embeddings": 64,
            "original_max_position_embeddings": 5, "sliding_window": null,
            "rope_scaling": {"type": "su", "short_factor": [1.0, 1.2], "long_factor": [2, 7.5]}\
            """));
  }
}
