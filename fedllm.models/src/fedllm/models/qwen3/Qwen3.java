package fedllm.models.qwen3;

import fedllm.api.plugin.Plugin;
import fedllm.learning.decoder.DecoderShape;
import fedllm.learning.decoder.GatedDecoder;
import fedllm.learning.decoder.Window;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import org.osgi.service.component.annotations.Component;

/** Qwen 3: Llama with a norm over each head's queries and keys; later layers may look near only. */
@Component
@Plugin(name = "qwen3", does = "builds Qwen 3 models", paper = "arXiv:2505.09388")
public final class Qwen3 implements ModelFamily {

  private static final DecoderShape.Missing MISSING =
      new DecoderShape.Missing(32_768, 1e-6, 32, 128);

  @Override
  public boolean claims(ModelConfig config) {
    return config.has("model_type")
        ? config.text("model_type", "").equals("qwen3")
        : config.texts("architectures").contains("Qwen3ForCausalLM");
  }

  @Override
  public Architecture open(ModelConfig config, Head head) {
    GatedDecoder model =
        GatedDecoder.of(
                config,
                head,
                MISSING,
                "attention_bias",
                "sliding_window",
                "use_sliding_window",
                "layer_types")
            .withHeadNorms()
            .withWindow(Window.chosen(config, 4096, 28));
    return config.flag("attention_bias", false)
        ? model.withBiases("q_proj", "k_proj", "v_proj", "o_proj")
        : model;
  }
}
