package fedllm.models.distilbert;

import fedllm.learning.model.Activation;
import fedllm.learning.model.Head;
import fedllm.models.encoder.Block;
import fedllm.models.encoder.EachToken;
import fedllm.models.encoder.EncoderHead;
import fedllm.models.encoder.EncoderNames;
import fedllm.models.encoder.EncoderShape;
import fedllm.models.encoder.FirstToken;
import fedllm.models.encoder.MaskedTokens;
import java.util.List;

/** What DistilBERT's files call its parts. */
record DistilBertNames(EncoderShape shape) implements EncoderNames {

  @Override
  public String model() {
    return "distilbert";
  }

  @Override
  public List<Block> layer(int layer) {
    String at = "distilbert.transformer.layer." + layer + ".";
    return List.of(
        new Block(
            at + "attention",
            at + "attention.q_lin",
            at + "attention.k_lin",
            at + "attention.v_lin",
            at + "attention.out_lin",
            at + "attention",
            at + "sa_layer_norm",
            at + "ffn.lin1",
            at + "ffn.lin2",
            at + "ffn",
            at + "output_layer_norm"));
  }

  @Override
  public EncoderHead head(Head head) {
    int width = shape.width();
    return switch (head.kind()) {
      case SEQUENCE_CLASSES ->
          new FirstToken("pre_classifier", Activation.RELU, "classifier", width, head.classes());
      case TOKEN_CLASSES -> new EachToken("classifier", width, head.classes());
      case TOKENS ->
          new MaskedTokens(
              "vocab_transform",
              shape.activation(),
              "vocab_layer_norm",
              "vocab_projector",
              shape.tied()
                  ? "distilbert.embeddings.word_embeddings.weight"
                  : "vocab_projector.weight",
              !shape.tied(),
              width,
              width,
              shape.vocabulary());
    };
  }

  @Override
  public List<String> heads() {
    return List.of(
        "pre_classifier.",
        "classifier.",
        "vocab_transform.",
        "vocab_layer_norm.",
        "vocab_projector.",
        "qa_outputs.");
  }
}
