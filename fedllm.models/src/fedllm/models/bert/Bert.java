package fedllm.models.bert;

import fedllm.api.plugin.Plugin;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import fedllm.models.encoder.Encoder;
import fedllm.models.encoder.EncoderShape;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** BERT: the whole text at once, two kinds of tokens, classes told by what the first one pools. */
@Component
@Plugin(name = "bert", does = "builds BERT models", paper = "arXiv:1810.04805")
public final class Bert implements ModelFamily {

  @Override
  public boolean claims(ModelConfig config) {
    return Encoder.claims(config, List.of("bert"), "Bert");
  }

  @Override
  public Architecture open(ModelConfig config, Head head) {
    EncoderShape shape = EncoderShape.of(config, 0, "gelu");
    return new Encoder(shape, new BertNames(shape), head.in(config));
  }
}
