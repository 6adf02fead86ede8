package fedllm.models.phi;

import fedllm.api.plugin.Plugin;
import fedllm.learning.decoder.DecoderShape;
import fedllm.learning.decoder.Relatives;
import fedllm.learning.model.Activation;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import fedllm.learning.rope.RopeKeys;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/** Phi-1, 1.5 and 2: attention and MLP side by side after one norm, a part of each head turns. */
@Component
@Plugin(name = "phi", does = "builds Phi-1 and Phi-2 models", paper = "arXiv:2309.05463")
public final class Phi implements ModelFamily {

  private static final String PART = "partial_rotary_factor";

  @Override
  public boolean claims(ModelConfig config) {
    return config.has("model_type")
        ? config.text("model_type", "").equals("phi")
        : config.texts("architectures").contains("PhiForCausalLM");
  }

  @Override
  public Architecture open(ModelConfig config, Head head) {
    Relatives.refuse(config, Set.of("hidden_act", PART));
    ModelConfig rope = config.inner("rope_parameters");
    if (!config.has(PART) && (rope == null || !rope.has(PART))) {
      throw config.odd(PART, "the share of each head that turns");
    }
    DecoderShape shape = DecoderShape.of(config, new DecoderShape.Missing(2048, 1e-5, 0, 0));
    return new PhiArchitecture(
        shape,
        config.number("layer_norm_eps", 1e-5),
        RopeKeys.read(config, shape.headWidth(), shape.positions()),
        Activation.of(config, "hidden_act", "gelu_new"),
        head.in(config));
  }
}
