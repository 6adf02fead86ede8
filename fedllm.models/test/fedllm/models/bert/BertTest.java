package fedllm.models.bert;

import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.models.encoder.EncoderOracle;
import fedllm.models.encoder.PlainEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class BertTest implements EncoderOracle {

  @Override
  public ModelFamily family() {
    return new Bert();
  }

  @Override
  public String config() {
    return """
    {"model_type": "bert", "architectures": ["BertForMaskedLM"], "hidden_act": "gelu",
     "hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 2,
     "num_attention_heads": 3, "vocab_size": 23, "max_position_embeddings": 32,
     "type_vocab_size": 2, "layer_norm_eps": 1e-12, "pad_token_id": 0,
     "position_embedding_type": "absolute"}
    """;
  }

  @Override
  public boolean typed() {
    return true;
  }

  @Override
  public PlainEncoder plain(
      Map<String, float[]> weights, Map<String, PlainEncoder.Product> products) {
    List<List<String>> layers = new ArrayList<>();
    for (int layer = 0; layer < 2; layer++) {
      String at = "bert.encoder.layer." + layer + ".";
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
    return new PlainEncoder(weights, products, "bert", "", layers, 3, 0, PlainEncoder::gelu);
  }

  @Override
  public double[][] logits(PlainEncoder plain, Head.Kind head, double[][] hidden) {
    return switch (head) {
      case SEQUENCE_CLASSES -> {
        double[][] first = {hidden[0]};
        double[][] inner = plain.linear("bert.pooler.dense", first);
        yield plain.linear("classifier", PlainEncoder.map(Math::tanh, inner));
      }
      case TOKEN_CLASSES -> plain.linear("classifier", hidden);
      case TOKENS -> {
        double[][] inner = plain.linear("cls.predictions.transform.dense", hidden);
        yield PlainEncoder.product(
            plain.weights().get("bert.embeddings.word_embeddings.weight"),
            plain.weights().get("cls.predictions.bias"),
            plain.norm(
                "cls.predictions.transform.LayerNorm",
                PlainEncoder.map(PlainEncoder::gelu, inner)));
      }
    };
  }
}
