package fedllm.models.encoder;

import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import fedllm.models.albert.Albert;
import fedllm.models.bert.Bert;
import fedllm.models.distilbert.DistilBert;
import fedllm.models.roberta.Roberta;
import fedllm.testkit.learning.FamilyContract;
import java.util.List;
import java.util.stream.Stream;

/** All families of encoders under the contract of families. */
interface EncoderContract extends FamilyContract {

  List<ModelFamily> FAMILIES = List.of(new Bert(), new Roberta(), new DistilBert(), new Albert());

  /** Whichever of them the configuration is of. */
  @Override
  default ModelFamily family() {
    return new ModelFamily() {
      @Override
      public boolean claims(ModelConfig config) {
        return FAMILIES.stream().filter(family -> family.claims(config)).count() == 1;
      }

      @Override
      public Architecture open(ModelConfig config, Head head) {
        return FAMILIES.stream()
            .filter(family -> family.claims(config))
            .findFirst()
            .orElseThrow()
            .open(config, head);
      }
    };
  }

  @Override
  default Stream<String> configs() {
    return Stream.of(
        config("\"model_type\": \"bert\", \"num_attention_heads\": 4"),
        config("\"model_type\": \"roberta\", \"num_attention_heads\": 1"),
        config(
            "\"model_type\": \"albert\", \"num_attention_heads\": 2, \"embedding_size\": 6,"
                + " \"inner_group_num\": 2"),
        """
        {"model_type": "distilbert", "dim": 16, "hidden_dim": 24, "n_layers": 1, "n_heads": 2,
         "vocab_size": 23, "max_position_embeddings": 34, "tie_word_embeddings": false}
        """);
  }

  private static String config(String more) {
    return "{\"hidden_size\": 16, \"intermediate_size\": 24, \"num_hidden_layers\": 2,"
        + " \"vocab_size\": 23, \"max_position_embeddings\": 34, "
        + more
        + "}";
  }
}
