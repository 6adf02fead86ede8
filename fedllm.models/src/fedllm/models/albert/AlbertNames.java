package fedllm.models.albert;

import fedllm.learning.model.Activation;
import fedllm.learning.model.Head;
import fedllm.models.encoder.Block;
import fedllm.models.encoder.EachToken;
import fedllm.models.encoder.EncoderHead;
import fedllm.models.encoder.EncoderNames;
import fedllm.models.encoder.EncoderShape;
import fedllm.models.encoder.FirstToken;
import fedllm.models.encoder.MaskedTokens;
import java.util.ArrayList;
import java.util.List;

/**
 * What ALBERT's files call its parts.
 *
 * @param groups of layers that share one set of blocks
 * @param inner blocks in each
 */
record AlbertNames(EncoderShape shape, int groups, int inner) implements EncoderNames {

  @Override
  public String model() {
    return "albert";
  }

  @Override
  public String mapping() {
    return "albert.encoder.embedding_hidden_mapping_in";
  }

  @Override
  public List<Block> layer(int layer) {
    // Hugging Face divides in floats: groups need not be of one size.
    int group = (int) (layer / ((double) shape.layers() / groups));
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < inner; i++) {
      String block = "albert.encoder.albert_layer_groups." + group + ".albert_layers." + i;
      String at = block + ".";
      blocks.add(
          new Block(
              at + "attention",
              at + "attention.query",
              at + "attention.key",
              at + "attention.value",
              at + "attention.dense",
              at + "attention",
              at + "attention.LayerNorm",
              at + "ffn",
              at + "ffn_output",
              block,
              at + "full_layer_layer_norm"));
    }
    return blocks;
  }

  @Override
  public EncoderHead head(Head head) {
    int width = shape.width();
    return switch (head.kind()) {
      case SEQUENCE_CLASSES ->
          new FirstToken("albert.pooler", Activation.TANH, "classifier", width, head.classes());
      case TOKEN_CLASSES -> new EachToken("classifier", width, head.classes());
      case TOKENS ->
          new MaskedTokens(
              "predictions.dense",
              shape.activation(),
              "predictions.LayerNorm",
              "predictions",
              shape.tied()
                  ? "albert.embeddings.word_embeddings.weight"
                  : "predictions.decoder.weight",
              !shape.tied(),
              width,
              shape.embedding(),
              shape.vocabulary());
    };
  }

  @Override
  public List<String> heads() {
    return List.of(
        "albert.pooler.", "classifier.", "predictions.", "sop_classifier.", "qa_outputs.");
  }
}
