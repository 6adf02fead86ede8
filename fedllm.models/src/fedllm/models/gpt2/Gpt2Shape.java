package fedllm.models.gpt2;

import fedllm.learning.model.Activation;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;

/**
 * The numbers of a GPT-2's configuration.
 *
 * @param scaled whether scores are divided by the root of a head's width
 * @param cooled whether scores of layer i are divided by i + 1, too
 */
record Gpt2Shape(
    int width,
    int inner,
    int layers,
    int heads,
    int vocabulary,
    int context,
    double epsilon,
    Activation activation,
    boolean scaled,
    boolean cooled,
    boolean tied,
    Head head) {

  static Gpt2Shape of(ModelConfig config, Head head) {
    for (String key : new String[] {"add_cross_attention", "quantization_config"}) {
      if (config.has(key) && !config.text(key, "").equals("false")) {
        throw config.odd(key, "absent or false: this family cannot do it");
      }
    }
    if (head.kind() == Head.Kind.TOKEN_CLASSES) {
      throw config.odd("architectures", "one that foretells tokens or classifies sequences");
    }
    int width = config.size("n_embd");
    int heads = config.size("n_head");
    if (width % heads != 0) {
      throw config.odd("n_head", "a divisor of n_embd, " + width);
    }
    return new Gpt2Shape(
        width,
        config.size("n_inner", 4 * width),
        config.size("n_layer"),
        heads,
        config.size("vocab_size"),
        config.size("n_positions"),
        config.number("layer_norm_epsilon", 1e-5),
        Activation.of(config, "activation_function", "gelu_new"),
        config.flag("scale_attn_weights", true),
        config.flag("scale_attn_by_inverse_layer_idx", false),
        config.flag("tie_word_embeddings", true),
        head);
  }
}
