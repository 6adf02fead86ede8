package fedllm.models.llama;

import fedllm.api.plugin.Plugin;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import org.osgi.service.component.annotations.Component;

/** Llama and what is built like it: RMS norms, rotary embedding, grouped queries, SwiGLU. */
@Component
@Plugin(name = "llama", does = "builds Llama models", paper = "arXiv:2302.13971")
public final class Llama implements ModelFamily {

  @Override
  public boolean claims(ModelConfig config) {
    return config.has("model_type")
        ? config.text("model_type", "").equals("llama")
        : config.texts("architectures").contains("LlamaForCausalLM");
  }

  @Override
  public Architecture open(ModelConfig config, Head head) {
    return new LlamaArchitecture(LlamaShape.of(config), head);
  }
}
