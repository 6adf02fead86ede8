package fedllm.learning.decoder;

import fedllm.learning.model.ModelConfig;
import java.util.List;
import java.util.Set;

/**
 * Keys by which relatives of Llama compute otherwise. Who has one, and is of a family that does not
 * read it, is not what it seems.
 */
public final class Relatives {

  /** Must be absent, null, false, zero or empty. */
  private static final List<String> IDLE =
      List.of(
          "attention_bias",
          "mlp_bias",
          "lm_head_bias",
          "sliding_window",
          "use_sliding_window",
          "pruned_heads",
          "per_layer_config",
          "use_bidirectional_attention",
          "alibi",
          "clip_qkv",
          "qk_norm",
          "use_qk_norm",
          "qk_layernorm",
          "no_rope_layers",
          "rope_interleave",
          "attn_logit_softcapping",
          "final_logit_softcapping",
          "query_pre_attn_scalar",
          "attention_chunk_size",
          "num_experts",
          "num_local_experts",
          "n_routed_experts");

  /** Must be absent, null or one. */
  private static final List<String> ONE =
      List.of(
          "attention_multiplier",
          "embedding_multiplier",
          "residual_multiplier",
          "logits_scaling",
          "logit_scale");

  private static final List<String> ENDINGS =
      List.of("Model", "ForCausalLM", "ForSequenceClassification", "ForTokenClassification");

  private Relatives() {}

  /**
   * Refuses what would compute otherwise.
   *
   * @param read keys that the family reads itself
   */
  public static void refuse(ModelConfig config, Set<String> read) {
    String activation = config.text("hidden_act", "silu");
    boolean silu = activation.equals("silu") || activation.equals("swish");
    if (!read.contains("hidden_act") && !silu) {
      throw config.odd("hidden_act", "silu");
    }
    for (String key : IDLE) {
      if (!read.contains(key) && !config.idle(key)) {
        throw config.odd(key, "absent, null or false: this family has none");
      }
    }
    if (config.has("quantization_config")) {
      throw config.odd("quantization_config", "absent: weights must be F32, F16 or BF16");
    }
    for (String key : ONE) {
      if (config.number(key, 1) != 1) {
        throw config.odd(key, "absent or 1: this family has none");
      }
    }
    if (!read.contains("partial_rotary_factor") && config.number("partial_rotary_factor", 1) != 1) {
      throw config.odd("partial_rotary_factor", "absent or 1: heads turn whole in this family");
    }
    if (!config.flag("is_causal", true)) {
      throw config.odd("is_causal", "true: this family reads from left to right");
    }
    if (!read.contains("layer_types")
        && !config.texts("layer_types").stream().allMatch("full_attention"::equals)) {
      throw config.odd("layer_types", "full_attention only: this family's layers are alike");
    }
    List<String> architectures = config.texts("architectures");
    if (!architectures.isEmpty()
        && architectures.stream().noneMatch(name -> ENDINGS.stream().anyMatch(name::endsWith))) {
      throw config.odd("architectures", "one whose name ends in one of " + ENDINGS);
    }
  }
}
