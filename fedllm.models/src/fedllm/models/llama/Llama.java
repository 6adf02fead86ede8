package fedllm.models.llama;

import fedllm.api.plugin.Plugin;
import fedllm.learning.decoder.DecoderShape;
import fedllm.learning.decoder.GatedDecoder;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import org.osgi.service.component.annotations.Component;

/** Llama 1 to 3 and what is built like it: RMS norms, rotary embedding, grouped queries, SwiGLU. */
@Component
@Plugin(name = "llama", does = "builds Llama models", paper = "arXiv:2302.13971")
public final class Llama implements ModelFamily {

  private static final DecoderShape.Missing MISSING = new DecoderShape.Missing(2048, 1e-6, 0, 0);

  @Override
  public boolean claims(ModelConfig config) {
    return config.has("model_type")
        ? config.text("model_type", "").equals("llama")
        : config.texts("architectures").contains("LlamaForCausalLM");
  }

  @Override
  public Architecture open(ModelConfig config, Head head) {
    GatedDecoder model = GatedDecoder.of(config, head, MISSING, "attention_bias", "mlp_bias");
    if (config.flag("attention_bias", false)) {
      model = model.withBiases("q_proj", "k_proj", "v_proj", "o_proj");
    }
    if (config.flag("mlp_bias", false)) {
      model = model.withBiases("gate_proj", "up_proj", "down_proj");
    }
    return model;
  }
}
