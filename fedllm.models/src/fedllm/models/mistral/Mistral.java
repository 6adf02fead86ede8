package fedllm.models.mistral;

import fedllm.api.plugin.Plugin;
import fedllm.learning.decoder.DecoderShape;
import fedllm.learning.decoder.GatedDecoder;
import fedllm.learning.decoder.Window;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import org.osgi.service.component.annotations.Component;

/** Mistral: Llama whose layers look near only, unless {@code sliding_window} is null. */
@Component
@Plugin(name = "mistral", does = "builds Mistral models", paper = "arXiv:2310.06825")
public final class Mistral implements ModelFamily {

  private static final DecoderShape.Missing MISSING = new DecoderShape.Missing(131_072, 1e-6, 8, 0);

  @Override
  public boolean claims(ModelConfig config) {
    return config.has("model_type")
        ? config.text("model_type", "").equals("mistral")
        : config.texts("architectures").contains("MistralForCausalLM");
  }

  @Override
  public Architecture open(ModelConfig config, Head head) {
    return GatedDecoder.of(config, head, MISSING, "sliding_window")
        .withWindow(Window.everywhere(config, 4096));
  }
}
