package fedllm.models.mistral;

import fedllm.learning.model.ModelFamily;
import fedllm.models.decoder.DecoderConfig;
import fedllm.models.decoder.DecoderContract;
import java.util.stream.Stream;

class MistralContractTest implements DecoderContract {

  @Override
  public ModelFamily family() {
    return new Mistral();
  }

  @Override
  public Stream<String> configs() {
    return Stream.of(
        DecoderConfig.of("mistral", 2, 2, false, "\"sliding_window\": 3"),
        DecoderConfig.of("mistral", 1, 1, true, "\"sliding_window\": null, \"head_dim\": 6"));
  }
}
