package fedllm.models.encoder;

import fedllm.learning.model.Activation;
import fedllm.learning.model.ModelConfig;

/**
 * The numbers of an encoder's configuration.
 *
 * @param positions rows of the table of positions
 * @param first the row of a text's first token
 * @param types kinds of tokens; 0 for no table of them
 * @param embedding how wide the tables are
 * @param inner how wide a layer is between its two linear layers
 * @param tied whether logits of tokens are products with the embedding
 */
public record EncoderShape(
    int vocabulary,
    int positions,
    int first,
    int types,
    int embedding,
    int width,
    int inner,
    int heads,
    int layers,
    double epsilon,
    Activation activation,
    boolean tied) {

  /** The numbers under the names that all but DistilBERT give them. */
  public static EncoderShape of(ModelConfig config, int first, String activation) {
    refuseWhatChangesTheModel(config);
    int width = config.size("hidden_size");
    EncoderShape shape =
        new EncoderShape(
            config.size("vocab_size"),
            config.size("max_position_embeddings", 512),
            first,
            config.size("type_vocab_size", 2),
            width,
            width,
            config.size("intermediate_size"),
            config.size("num_attention_heads"),
            config.size("num_hidden_layers"),
            config.number("layer_norm_eps", 1e-12),
            Activation.of(config, "hidden_act", activation),
            config.flag("tie_word_embeddings", true));
    shape.check(config, "max_position_embeddings", "num_attention_heads", "hidden_size");
    return shape;
  }

  /** Refuses numbers that do not go together. */
  public void check(ModelConfig config, String positionsKey, String headsKey, String widthKey) {
    if (positions <= first) {
      throw config.odd(positionsKey, "above " + first + ", where positions begin");
    }
    if (width % heads != 0) {
      throw config.odd(headsKey, "a divisor of " + widthKey + ", " + width);
    }
  }

  /** Refuses what would make another model of it. */
  public static void refuseWhatChangesTheModel(ModelConfig config) {
    if (!config.text("position_embedding_type", "absolute").equals("absolute")) {
      throw config.odd("position_embedding_type", "absolute");
    }
    for (String key : new String[] {"is_decoder", "add_cross_attention"}) {
      if (config.flag(key, false)) {
        throw config.odd(key, "false: this family reads the whole text at once");
      }
    }
    if (config.has("quantization_config")) {
      throw config.odd("quantization_config", "absent or null: this family cannot do it yet");
    }
  }

  /** The same, its tables of another width. */
  public EncoderShape embedded(int wide) {
    return new EncoderShape(
        vocabulary,
        positions,
        first,
        types,
        wide,
        width,
        inner,
        heads,
        layers,
        epsilon,
        activation,
        tied);
  }
}
