package fedllm.models.roberta;

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

/** What RoBERTa's files call its parts. */
record RobertaNames(EncoderShape shape) implements EncoderNames {

  @Override
  public String model() {
    return "roberta";
  }

  @Override
  public List<Block> layer(int layer) {
    return List.of(Block.ofBert("roberta.encoder.layer." + layer));
  }

  @Override
  public EncoderHead head(Head head) {
    int width = shape.width();
    return switch (head.kind()) {
      case SEQUENCE_CLASSES ->
          new FirstToken(
              "classifier.dense", Activation.TANH, "classifier.out_proj", width, head.classes());
      case TOKEN_CLASSES -> new EachToken("classifier", width, head.classes());
      case TOKENS ->
          new MaskedTokens(
              "lm_head.dense",
              Activation.GELU, // whatever hidden_act says
              "lm_head.layer_norm",
              "lm_head",
              shape.tied() ? "roberta.embeddings.word_embeddings.weight" : "lm_head.decoder.weight",
              !shape.tied(),
              width,
              width,
              shape.vocabulary());
    };
  }

  @Override
  public List<String> heads() {
    return List.of("roberta.pooler.", "classifier.", "lm_head.", "qa_outputs.");
  }
}
