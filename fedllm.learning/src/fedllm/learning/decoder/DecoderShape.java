package fedllm.learning.decoder;

import fedllm.learning.model.ModelConfig;

/** The sizes of a decoder's configuration. */
public record DecoderShape(
    int width,
    int inner,
    int layers,
    int heads,
    int keyHeads,
    int headWidth,
    int vocabulary,
    int positions,
    double epsilon,
    boolean tied) {

  /**
   * What Hugging Face's class of a family takes for keys that are not there.
   *
   * @param positions for {@code max_position_embeddings}
   * @param epsilon for {@code rms_norm_eps}
   * @param keyHeads for {@code num_key_value_heads}; 0 for as many as ask
   * @param headWidth for {@code head_dim}; 0 for what fits {@code hidden_size}
   * @param tied for {@code tie_word_embeddings}
   */
  public record Missing(int positions, double epsilon, int keyHeads, int headWidth, boolean tied) {

    /** With a head of its own. */
    public Missing(int positions, double epsilon, int keyHeads, int headWidth) {
      this(positions, epsilon, keyHeads, headWidth, false);
    }
  }

  /**
   * Reads the sizes.
   *
   * @throws fedllm.api.error.SitsOut when they are odd; the message names the key
   */
  public static DecoderShape of(ModelConfig config, Missing missing) {
    int width = config.size("hidden_size");
    int heads = config.size("num_attention_heads");
    return new DecoderShape(
        width,
        config.size("intermediate_size"),
        config.size("num_hidden_layers"),
        heads,
        keyHeads(config, heads, missing.keyHeads()),
        headWidth(config, width, heads, missing.headWidth()),
        config.size("vocab_size"),
        config.size("max_position_embeddings", missing.positions()),
        config.number("rms_norm_eps", missing.epsilon()),
        config.flag("tie_word_embeddings", missing.tied()));
  }

  /** Null is as many as ask, which is not what a missing key is in every family. */
  private static int keyHeads(ModelConfig config, int heads, int missing) {
    boolean none = config.states("num_key_value_heads") || missing == 0;
    int keyHeads = config.size("num_key_value_heads", none ? heads : missing);
    if (heads % keyHeads != 0) {
      throw config.odd("num_key_value_heads", "a divisor of num_attention_heads, " + heads);
    }
    return keyHeads;
  }

  private static int headWidth(ModelConfig config, int width, int heads, int missing) {
    boolean none = config.states("head_dim") || missing == 0;
    if (!config.has("head_dim") && none && width % heads != 0) {
      throw config.odd("num_attention_heads", "a divisor of hidden_size, " + width);
    }
    return config.size("head_dim", none ? width / heads : missing);
  }

  /** How wide all queries of a place are. */
  public int queries() {
    return heads * headWidth;
  }

  /** How wide all keys of a place are, and all values. */
  public int keys() {
    return keyHeads * headWidth;
  }
}
