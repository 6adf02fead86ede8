package fedllm.models.llama;

import fedllm.learning.model.ModelConfig;

/** The numbers of a Llama's configuration. */
record LlamaShape(
    int width,
    int inner,
    int layers,
    int heads,
    int keyHeads,
    int headWidth,
    int vocabulary,
    int context,
    double epsilon,
    double theta,
    boolean tied) {

  static LlamaShape of(ModelConfig config) {
    refuseWhatChangesTheModel(config);
    int width = config.size("hidden_size");
    int heads = config.size("num_attention_heads");
    int keyHeads = config.size("num_key_value_heads", heads);
    if (heads % keyHeads != 0) {
      throw config.odd("num_key_value_heads", "a divisor of num_attention_heads, " + heads);
    }
    if (!config.has("head_dim") && width % heads != 0) {
      throw config.odd("num_attention_heads", "a divisor of hidden_size, " + width);
    }
    int headWidth = config.size("head_dim", width / heads);
    if (headWidth % 2 != 0) {
      throw config.odd("head_dim", "even, for the rotary embedding; it is " + headWidth);
    }
    return new LlamaShape(
        width,
        config.size("intermediate_size"),
        config.size("num_hidden_layers"),
        heads,
        keyHeads,
        headWidth,
        config.size("vocab_size"),
        config.size("max_position_embeddings", 2048),
        config.number("rms_norm_eps", 1e-6),
        config.number("rope_theta", 10_000),
        config.flag("tie_word_embeddings", false));
  }

  private static void refuseWhatChangesTheModel(ModelConfig config) {
    if (!config.text("hidden_act", "silu").equals("silu")) {
      throw config.odd("hidden_act", "silu");
    }
    for (String key : new String[] {"attention_bias", "mlp_bias"}) {
      if (config.flag(key, false)) {
        throw config.odd(key, "false");
      }
    }
    for (String key :
        new String[] {"rope_scaling", "rope_parameters", "quantization_config", "sliding_window"}) {
      if (config.has(key)) {
        throw config.odd(key, "absent or null: this family cannot do it yet");
      }
    }
    if (config.number("partial_rotary_factor", 1) != 1) {
      throw config.odd("partial_rotary_factor", "1");
    }
  }
}
