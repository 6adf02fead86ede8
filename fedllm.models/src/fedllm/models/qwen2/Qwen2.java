package fedllm.models.qwen2;

import fedllm.api.plugin.Plugin;
import fedllm.learning.decoder.DecoderShape;
import fedllm.learning.decoder.GatedDecoder;
import fedllm.learning.decoder.Window;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import org.osgi.service.component.annotations.Component;

/**
 * Qwen 2 and 2.5: Llama with biases at queries, keys and values; later layers may look near only.
 */
@Component
@Plugin(name = "qwen2", does = "builds Qwen 2 and 2.5 models", paper = "arXiv:2407.10671")
public final class Qwen2 implements ModelFamily {

  private static final DecoderShape.Missing MISSING = new DecoderShape.Missing(32_768, 1e-6, 32, 0);

  @Override
  public boolean claims(ModelConfig config) {
    return config.has("model_type")
        ? config.text("model_type", "").equals("qwen2")
        : config.texts("architectures").contains("Qwen2ForCausalLM");
  }

  @Override
  public Architecture open(ModelConfig config, Head head) {
    return GatedDecoder.of(
            config, head, MISSING, "sliding_window", "use_sliding_window", "layer_types")
        .withBiases("q_proj", "k_proj", "v_proj")
        .withWindow(Window.chosen(config, 4096, 28));
  }
}
