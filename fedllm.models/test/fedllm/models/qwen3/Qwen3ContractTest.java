package fedllm.models.qwen3;

import fedllm.learning.model.ModelFamily;
import fedllm.models.decoder.DecoderConfig;
import fedllm.models.decoder.DecoderContract;
import java.util.stream.Stream;

class Qwen3ContractTest implements DecoderContract {

  @Override
  public ModelFamily family() {
    return new Qwen3();
  }

  @Override
  public Stream<String> configs() {
    return Stream.of(
        DecoderConfig.of(
            "qwen3",
            1,
            1,
            true,
            "\"head_dim\": 6, \"use_sliding_window\": false, \"sliding_window\": 3"),
        DecoderConfig.of(
            "qwen3",
            2,
            2,
            false,
            "\"head_dim\": 6, \"use_sliding_window\": true, \"sliding_window\": 3,"
                + " \"max_window_layers\": 1, \"attention_bias\": true"));
  }
}
