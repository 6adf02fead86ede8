package fedllm.models.llama;

/** The numbers of a small Llama for tests. */
record Shape(
    int width, int inner, int layers, int heads, int keyHeads, int vocabulary, boolean tied) {

  String config() {
    return """
    {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_act": "silu",
     "hidden_size": %d, "intermediate_size": %d, "num_hidden_layers": %d,
     "num_attention_heads": %d, "num_key_value_heads": %d, "vocab_size": %d,
     "tie_word_embeddings": %s, "max_position_embeddings": 64, "rms_norm_eps": 1e-5,
     "rope_theta": 500.0, "rope_scaling": null, "attention_bias": false}
    """
        .formatted(width, inner, layers, heads, keyHeads, vocabulary, tied);
  }
}
