package fedllm.models.roberta;

import fedllm.api.plugin.Plugin;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import fedllm.models.encoder.Encoder;
import fedllm.models.encoder.EncoderShape;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * RoBERTa, and what is built like it in other languages: BERT whose positions begin behind the row
 * of padding. A padding token inside a text counts as any other.
 */
@Component
@Plugin(
    name = "roberta",
    does = "builds RoBERTa, XLM-RoBERTa and CamemBERT models",
    paper = "arXiv:1907.11692")
public final class Roberta implements ModelFamily {

  private static final List<String> TYPES = List.of("roberta", "xlm-roberta", "camembert");

  @Override
  public boolean claims(ModelConfig config) {
    return Encoder.claims(config, TYPES, "Roberta");
  }

  @Override
  public Architecture open(ModelConfig config, Head head) {
    double padding = config.number("pad_token_id", 1);
    if (padding < 0 || padding != Math.rint(padding) || padding >= config.size("vocab_size")) {
      throw config.odd("pad_token_id", "a token of the vocabulary: positions begin behind it");
    }
    EncoderShape shape = EncoderShape.of(config, (int) padding + 1, "gelu");
    return new Encoder(shape, new RobertaNames(shape), head.in(config));
  }
}
