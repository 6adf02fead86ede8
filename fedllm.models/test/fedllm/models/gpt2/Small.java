package fedllm.models.gpt2;

import java.util.stream.Stream;

/** The numbers of a small GPT-2 for tests. */
record Small(
    int width,
    Integer inner,
    int layers,
    int heads,
    String activation,
    boolean scaled,
    boolean cooled,
    boolean tied) {

  static Stream<Small> all() {
    return Stream.of(
        new Small(16, null, 2, 4, "gelu_new", true, false, true),
        new Small(12, 20, 3, 2, "relu", true, true, false),
        new Small(16, 24, 1, 4, "gelu_pytorch_tanh", false, false, true));
  }

  static Small of(String config) {
    return all().filter(small -> small.config().equals(config)).findFirst().orElseThrow();
  }

  String config() {
    return """
    {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": %d, "n_inner": %d,
     "n_layer": %d, "n_head": %d, "activation_function": "%s", "scale_attn_weights": %s,
     "scale_attn_by_inverse_layer_idx": %s, "tie_word_embeddings": %s, "n_positions": 64,
     "n_ctx": 64, "vocab_size": 23, "layer_norm_epsilon": 1e-5, "attn_pdrop": 0.1,
     "reorder_and_upcast_attn": false, "summary_type": "cls_index"}
    """
        .formatted(width, inner, layers, heads, activation, scaled, cooled, tied);
  }
}
