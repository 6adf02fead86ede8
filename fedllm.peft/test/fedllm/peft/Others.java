package fedllm.peft;

import fedllm.api.plugin.Options;
import fedllm.models.bert.Bert;
import fedllm.models.gpt2.Gpt2;
import fedllm.testkit.learning.PeftContract.Case;
import java.util.stream.Stream;

/** Small models that are no Llama: biases, matrices that lie the other way, two directions. */
public final class Others {

  /** An untied GPT-2. */
  public static final String GPT2 =
      """
      {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": 12, "n_inner": 20,
       "n_layer": 2, "n_head": 2, "activation_function": "gelu_new",
       "tie_word_embeddings": false, "n_positions": 64, "vocab_size": 23,
       "layer_norm_epsilon": 1e-5}
      """;

  /** A BERT without a head for classes. */
  public static final String BERT =
      """
      {"model_type": "bert", "architectures": ["BertForMaskedLM"], "hidden_act": "gelu",
       "hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 2,
       "num_attention_heads": 3, "vocab_size": 23, "max_position_embeddings": 32,
       "type_vocab_size": 2, "layer_norm_eps": 1e-12, "pad_token_id": 0,
       "position_embedding_type": "absolute"}
      """;

  private Others() {}

  /** A use on each of them. */
  public static Stream<Case> with(Options options, boolean startsAsTheModelIs) {
    return Stream.of(
        new Case(options, startsAsTheModelIs, new Gpt2(), GPT2),
        new Case(options, startsAsTheModelIs, new Bert(), BERT));
  }
}
