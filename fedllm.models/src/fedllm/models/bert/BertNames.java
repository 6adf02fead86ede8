package fedllm.models.bert;

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

/** What BERT's files call its parts. */
record BertNames(EncoderShape shape) implements EncoderNames {

  @Override
  public String model() {
    return "bert";
  }

  @Override
  public List<Block> layer(int layer) {
    return List.of(Block.ofBert("bert.encoder.layer." + layer));
  }

  @Override
  public EncoderHead head(Head head) {
    int width = shape.width();
    return switch (head.kind()) {
      case SEQUENCE_CLASSES ->
          new FirstToken("bert.pooler.dense", Activation.TANH, "classifier", width, head.classes());
      case TOKEN_CLASSES -> new EachToken("classifier", width, head.classes());
      case TOKENS ->
          new MaskedTokens(
              "cls.predictions.transform.dense",
              shape.activation(),
              "cls.predictions.transform.LayerNorm",
              "cls.predictions",
              shape.tied()
                  ? "bert.embeddings.word_embeddings.weight"
                  : "cls.predictions.decoder.weight",
              !shape.tied(),
              width,
              width,
              shape.vocabulary());
    };
  }

  @Override
  public List<String> heads() {
    return List.of("bert.pooler.", "classifier.", "cls.", "qa_outputs.");
  }
}
