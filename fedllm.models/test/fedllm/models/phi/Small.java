package fedllm.models.phi;

import java.util.stream.Stream;

/**
 * The numbers of a small Phi for tests.
 *
 * @param part of each head that turns
 * @param turned the same as a number of values
 */
record Small(
    int width,
    int layers,
    int heads,
    Integer keyHeads,
    String activation,
    double part,
    int turned,
    boolean tied) {

  static Stream<Small> all() {
    return Stream.of(
        new Small(20, 2, 2, null, "gelu_new", 0.4, 4, false),
        new Small(24, 1, 4, 2, "gelu_pytorch_tanh", 0.4, 2, true));
  }

  static Small of(String config) {
    return all().filter(small -> small.config().equals(config)).findFirst().orElseThrow();
  }

  String config() {
    return """
    {"model_type": "phi", "architectures": ["PhiForCausalLM"], "hidden_size": %d,
     "intermediate_size": 28, "num_hidden_layers": %d, "num_attention_heads": %d,
     "num_key_value_heads": %d, "hidden_act": "%s", "partial_rotary_factor": %s,
     "tie_word_embeddings": %s, "max_position_embeddings": 64, "layer_norm_eps": 1e-5,
     "vocab_size": 23, "rope_theta": 500.0, "rope_scaling": null, "qk_layernorm": false,
     "attention_dropout": 0.0, "resid_pdrop": 0.1}
    """
        .formatted(width, layers, heads, keyHeads, activation, part, tied);
  }
}
