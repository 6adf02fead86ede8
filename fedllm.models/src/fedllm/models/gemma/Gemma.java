package fedllm.models.gemma;

import fedllm.api.plugin.Plugin;
import fedllm.learning.decoder.DecoderShape;
import fedllm.learning.decoder.GatedDecoder;
import fedllm.learning.decoder.Window;
import fedllm.learning.model.Activation;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * Gemma (arXiv:2403.08295) and Gemma 2 (arXiv:2408.00118): scaled embeddings, norms that scale by
 * what their weights add to one, GELU; the second with norms after each part of a layer, too, with
 * capped scores and logits, and with every other layer looking near only.
 */
@Component
@Plugin(name = "gemma", does = "builds Gemma 1 and 2 models", paper = "arXiv:2408.00118")
public final class Gemma implements ModelFamily {

  private static final String FIRST = "gemma";
  private static final String SECOND = "gemma2";

  @Override
  public boolean claims(ModelConfig config) {
    if (config.has("model_type")) {
      return List.of(FIRST, SECOND).contains(config.text("model_type", ""));
    }
    List<String> architectures = config.texts("architectures");
    return architectures.contains("GemmaForCausalLM") || second(config);
  }

  @Override
  public Architecture open(ModelConfig config, Head head) {
    return second(config) ? second(config, head) : first(config, head);
  }

  private static boolean second(ModelConfig config) {
    return config.text("model_type", "").equals(SECOND)
        || config.texts("architectures").contains("Gemma2ForCausalLM");
  }

  private static Architecture first(ModelConfig config, Head head) {
    var missing = new DecoderShape.Missing(8192, 1e-6, 16, 256, true);
    GatedDecoder decoder = GatedDecoder.of(config, head, missing, "hidden_act");
    double scale = 1 / Math.sqrt(decoder.shape().headWidth());
    return new GemmaArchitecture(decoder, activation(config), false, scale, 0, 0);
  }

  private static Architecture second(ModelConfig config, Head head) {
    var missing = new DecoderShape.Missing(8192, 1e-6, 4, 256, true);
    GatedDecoder decoder =
        GatedDecoder.of(
                config,
                head,
                missing,
                "hidden_act",
                "sliding_window",
                "layer_types",
                "query_pre_attn_scalar",
                "attn_logit_softcapping",
                "final_logit_softcapping")
            .withWindow(Window.alternating(config, 4096));
    return new GemmaArchitecture(
        decoder,
        activation(config),
        true,
        1 / Math.sqrt(positive(config, "query_pre_attn_scalar", 256)),
        cap(config, "attn_logit_softcapping", 50),
        cap(config, "final_logit_softcapping", 30));
  }

  /** The first files say {@code gelu} in {@code hidden_act}, and were trained with the tanh. */
  private static Activation activation(ModelConfig config) {
    if (config.has("hidden_activation")) {
      return Activation.of(config, "hidden_activation", "");
    }
    Activation activation = Activation.of(config, "hidden_act", "gelu_pytorch_tanh");
    return activation == Activation.GELU ? Activation.GELU_TANH : activation;
  }

  /** Null is for none, which is not what a missing key is. */
  private static double cap(ModelConfig config, String key, double missing) {
    return config.states(key) && !config.has(key) ? 0 : positive(config, key, missing);
  }

  private static double positive(ModelConfig config, String key, double missing) {
    double number = config.number(key, missing);
    if (number <= 0) {
      throw config.odd(key, "a number above zero");
    }
    return number;
  }
}
