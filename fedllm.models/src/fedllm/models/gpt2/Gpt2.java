package fedllm.models.gpt2;

import fedllm.api.plugin.Plugin;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import org.osgi.service.component.annotations.Component;

/**
 * GPT-2 (Radford et al., 2019): learned positions, layer norms, one linear layer for queries, keys
 * and values together.
 */
@Component
@Plugin(name = "gpt2", does = "builds GPT-2 models")
public final class Gpt2 implements ModelFamily {

  @Override
  public boolean claims(ModelConfig config) {
    return config.has("model_type")
        ? config.text("model_type", "").equals("gpt2")
        : config.texts("architectures").contains("GPT2LMHeadModel");
  }

  @Override
  public Architecture open(ModelConfig config, Head head) {
    return new Gpt2Architecture(Gpt2Shape.of(config, head));
  }
}
