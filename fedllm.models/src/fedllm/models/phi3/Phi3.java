package fedllm.models.phi3;

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
 * Phi-3 and what is built like it: Llama with queries, keys and values as one linear layer, gate
 * and up as another; a part of each head may turn.
 */
@Component
@Plugin(name = "phi3", does = "builds Phi-3, 3.5 and 4 models", paper = "arXiv:2404.14219")
public final class Phi3 implements ModelFamily {

  private static final DecoderShape.Missing MISSING = new DecoderShape.Missing(4096, 1e-5, 0, 0);

  @Override
  public boolean claims(ModelConfig config) {
    return config.has("model_type")
        ? config.text("model_type", "").equals("phi3")
        : config.texts("architectures").contains("Phi3ForCausalLM");
  }

  @Override
  public Architecture open(ModelConfig config, Head head) {
    return GatedDecoder.of(config, head, MISSING, "sliding_window", "partial_rotary_factor")
        .withFusedLayers()
        .withWindow(Window.everywhere(config, 0));
  }
}
