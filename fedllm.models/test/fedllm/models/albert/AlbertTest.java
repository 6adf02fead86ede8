package fedllm.models.albert;

import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.models.encoder.EncoderOracle;
import fedllm.models.encoder.PlainEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class AlbertTest implements EncoderOracle {

  @Override
  public ModelFamily family() {
    return new Albert();
  }

  @Override
  public String config() {
    return """
    {"model_type": "albert", "architectures": ["AlbertForMaskedLM"], "hidden_act": "gelu_new",
     "embedding_size": 8, "hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 4,
     "num_hidden_groups": 2, "inner_group_num": 2, "num_attention_heads": 3, "vocab_size": 23,
     "max_position_embeddings": 32, "type_vocab_size": 2, "layer_norm_eps": 1e-12}
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
    for (int block = 0; block < 8; block++) {
      // Four layers of two blocks each; two layers share a group.
      String group = "albert.encoder.albert_layer_groups." + block / 4;
      String at = group + ".albert_layers." + block % 2 + ".";
      layers.add(
          List.of(
              at + "attention.query",
              at + "attention.key",
              at + "attention.value",
              at + "attention.dense",
              at + "attention.LayerNorm",
              at + "ffn",
              at + "ffn_output",
              at + "full_layer_layer_norm"));
    }
    return new PlainEncoder(
        weights,
        products,
        "albert",
        "albert.encoder.embedding_hidden_mapping_in",
        layers,
        3,
        0,
        PlainEncoder::geluNew);
  }

  @Override
  public double[][] logits(PlainEncoder plain, Head.Kind head, double[][] hidden) {
    return switch (head) {
      case SEQUENCE_CLASSES -> {
        double[][] first = {hidden[0]};
        double[][] inner = plain.linear("albert.pooler", first);
        yield plain.linear("classifier", PlainEncoder.map(Math::tanh, inner));
      }
      case TOKEN_CLASSES -> plain.linear("classifier", hidden);
      case TOKENS -> {
        double[][] inner = plain.linear("predictions.dense", hidden);
        yield PlainEncoder.product(
            plain.weights().get("albert.embeddings.word_embeddings.weight"),
            plain.weights().get("predictions.bias"),
            plain.norm("predictions.LayerNorm", PlainEncoder.map(PlainEncoder::geluNew, inner)));
      }
    };
  }
}
