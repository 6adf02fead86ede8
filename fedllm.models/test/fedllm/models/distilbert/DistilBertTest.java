package fedllm.models.distilbert;

import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.models.encoder.EncoderOracle;
import fedllm.models.encoder.PlainEncoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class DistilBertTest implements EncoderOracle {

  @Override
  public ModelFamily family() {
    return new DistilBert();
  }

  @Override
  public String config() {
    return """
    {"model_type": "distilbert", "architectures": ["DistilBertForMaskedLM"],
     "activation": "relu", "dim": 12, "hidden_dim": 20, "n_layers": 2, "n_heads": 3,
     "vocab_size": 23, "max_position_embeddings": 32, "sinusoidal_pos_embds": false,
     "tie_weights_": true}
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
      String at = "distilbert.transformer.layer." + layer + ".";
      layers.add(
          List.of(
              at + "attention.q_lin",
              at + "attention.k_lin",
              at + "attention.v_lin",
              at + "attention.out_lin",
              at + "sa_layer_norm",
              at + "ffn.lin1",
              at + "ffn.lin2",
              at + "output_layer_norm"));
    }
    return new PlainEncoder(weights, products, "distilbert", "", layers, 3, 0, x -> Math.max(0, x));
  }

  @Override
  public double[][] logits(PlainEncoder plain, Head.Kind head, double[][] hidden) {
    return switch (head) {
      case SEQUENCE_CLASSES -> {
        double[][] first = {hidden[0]};
        double[][] inner = plain.linear("pre_classifier", first);
        yield plain.linear("classifier", PlainEncoder.map(x -> Math.max(0, x), inner));
      }
      case TOKEN_CLASSES -> plain.linear("classifier", hidden);
      case TOKENS -> {
        double[][] inner = plain.linear("vocab_transform", hidden);
        yield PlainEncoder.product(
            plain.weights().get("distilbert.embeddings.word_embeddings.weight"),
            plain.weights().get("vocab_projector.bias"),
            plain.norm("vocab_layer_norm", PlainEncoder.map(x -> Math.max(0, x), inner)));
      }
    };
  }
}
