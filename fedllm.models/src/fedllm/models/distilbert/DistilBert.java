package fedllm.models.distilbert;

import fedllm.api.plugin.Plugin;
import fedllm.learning.model.Activation;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import fedllm.models.encoder.Encoder;
import fedllm.models.encoder.EncoderShape;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** DistilBERT: BERT with one kind of tokens, no pooler, and names of its own. */
@Component
@Plugin(name = "distilbert", does = "builds DistilBERT models", paper = "arXiv:1910.01108")
public final class DistilBert implements ModelFamily {

  @Override
  public boolean claims(ModelConfig config) {
    return Encoder.claims(config, List.of("distilbert"), "DistilBert");
  }

  @Override
  public Architecture open(ModelConfig config, Head head) {
    EncoderShape.refuseWhatChangesTheModel(config);
    int width = config.size("dim");
    EncoderShape shape =
        new EncoderShape(
            config.size("vocab_size"),
            config.size("max_position_embeddings", 512),
            0,
            0,
            width,
            width,
            config.size("hidden_dim"),
            config.size("n_heads"),
            config.size("n_layers"),
            1e-12,
            Activation.of(config, "activation", "gelu"),
            config.flag("tie_word_embeddings", true));
    shape.check(config, "max_position_embeddings", "n_heads", "dim");
    return new Encoder(shape, new DistilBertNames(shape), head.in(config));
  }
}
