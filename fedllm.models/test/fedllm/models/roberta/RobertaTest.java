package fedllm.models.roberta;

import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.models.encoder.EncoderOracle;
import fedllm.models.encoder.PlainEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class RobertaTest implements EncoderOracle {

  @Override
  public ModelFamily family() {
    return new Roberta();
  }

  @Override
  public String config() {
    return """
    {"model_type": "roberta", "architectures": ["RobertaForMaskedLM"], "hidden_act": "gelu",
     "hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 2,
     "num_attention_heads": 2, "vocab_size": 23, "max_position_embeddings": 40,
     "type_vocab_size": 1, "layer_norm_eps": 1e-12, "pad_token_id": 1}
    """;
  }

  @Override
  public boolean typed() {
    return false;
  }

  @Override
  public PlainEncoder plain(
      Map<String, float[]> weights, Map<String, PlainEncoder.Product> products) {
    List<List<String>> layers = new ArrayList<>();
    for (int layer = 0; layer < 2; layer++) {
      String at = "roberta.encoder.layer." + layer + ".";
      layers.add(
          List.of(
              at + "attention.self.query",
              at + "attention.self.key",
              at + "attention.self.value",
              at + "attention.output.dense",
              at + "attention.output.LayerNorm",
              at + "intermediate.dense",
              at + "output.dense",
              at + "output.LayerNorm"));
    }
    return new PlainEncoder(weights, products, "roberta", "", layers, 2, 2, PlainEncoder::gelu);
  }

  @Override
  public double[][] logits(PlainEncoder plain, Head.Kind head, double[][] hidden) {
    return switch (head) {
      case SEQUENCE_CLASSES -> {
        double[][] first = {hidden[0]};
        double[][] inner = plain.linear("classifier.dense", first);
        yield plain.linear("classifier.out_proj", PlainEncoder.map(Math::tanh, inner));
      }
      case TOKEN_CLASSES -> plain.linear("classifier", hidden);
      case TOKENS -> {
        double[][] inner = plain.linear("lm_head.dense", hidden);
        yield PlainEncoder.product(
            plain.weights().get("roberta.embeddings.word_embeddings.weight"),
            plain.weights().get("lm_head.bias"),
            plain.norm("lm_head.layer_norm", PlainEncoder.map(PlainEncoder::gelu, inner)));
      }
    };
  }
}
