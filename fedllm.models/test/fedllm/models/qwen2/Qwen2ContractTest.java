package fedllm.models.qwen2;

import fedllm.learning.model.ModelFamily;
import fedllm.models.decoder.DecoderConfig;
import fedllm.models.decoder.DecoderContract;
import java.util.stream.Stream;

class Qwen2ContractTest implements DecoderContract {

  @Override
  public ModelFamily family() {
    return new Qwen2();
  }

  @Override
  public Stream<String> configs() {
    return Stream.of(
        DecoderConfig.of(
            "qwen2", 1, 1, true, "\"use_sliding_window\": false, \"sliding_window\": 3"),
        DecoderConfig.of(
            "qwen2",
            2,
            2,
            false,
            "\"use_sliding_window\": true, \"sliding_window\": 3, \"max_window_layers\": 1"));
  }
}
