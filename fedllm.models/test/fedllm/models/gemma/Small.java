package fedllm.models.gemma;

import java.util.Set;
import java.util.stream.Stream;

/**
 * The numbers of a small Gemma for tests.
 *
 * @param special of the second Gemma; null for the first
 */
record Small(int layers, int keyHeads, String more, boolean tied, Special special) {

  static final int WIDTH = 24;
  static final int HEADS = 4;
  static final int HEAD_WIDTH = 8;

  /** What the second Gemma has besides. */
  record Special(double scalar, double cap, double finalCap, int window, Set<Integer> near) {

    private String keys() {
      return """
      ,
       "query_pre_attn_scalar": %s, "attn_logit_softcapping": %s, "final_logit_softcapping": %s,
       "sliding_window": %d\
      """
          .formatted(scalar, cap == 0 ? null : cap, finalCap == 0 ? null : finalCap, window);
    }
  }

  static Stream<Small> first() {
    return Stream.of(
        new Small(2, 1, "\"hidden_act\": \"gelu\"", true, null),
        new Small(
            1,
            4,
            "\"hidden_act\": \"gelu\", \"hidden_activation\": \"gelu_pytorch_tanh\"",
            false,
            null));
  }

  static Stream<Small> second() {
    return Stream.of(
        new Small(
            3,
            2,
            "\"hidden_activation\": \"gelu_pytorch_tanh\"",
            true,
            new Special(10, 2, 3, 4, Set.of(0, 2))),
        new Small(
            2,
            4,
            "\"layer_types\": [\"full_attention\", \"sliding_attention\"]",
            true,
            new Special(8, 0, 0, 3, Set.of(1))),
        new Small(2, 1, "\"hidden_act\": \"gelu\"", false, new Special(5, 1.5, 0, 5, Set.of(0))));
  }

  static Small of(String config) {
    return Stream.concat(first(), second())
        .filter(small -> small.config().equals(config))
        .findFirst()
        .orElseThrow();
  }

  String config() {
    String name = special == null ? "gemma" : "gemma2";
    return """
    {"model_type": "%s", "hidden_size": %d, "intermediate_size": 20, "num_hidden_layers": %d,
     "num_attention_heads": %d, "num_key_value_heads": %d, "head_dim": %d, "vocab_size": 23,
     "max_position_embeddings": 64, "rms_norm_eps": 1e-6, "rope_theta": 500.0, %s%s%s}
    """
        .formatted(
            name,
            WIDTH,
            layers,
            HEADS,
            keyHeads,
            HEAD_WIDTH,
            more,
            tied ? "" : ", \"tie_word_embeddings\": false",
            special == null ? "" : special.keys());
  }
}
