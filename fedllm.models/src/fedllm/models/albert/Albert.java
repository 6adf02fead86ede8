package fedllm.models.albert;

import fedllm.api.plugin.Plugin;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Head;
import fedllm.learning.model.ModelConfig;
import fedllm.learning.model.ModelFamily;
import fedllm.models.encoder.Encoder;
import fedllm.models.encoder.EncoderShape;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** ALBERT: BERT whose layers share their weights in groups, and whose tables are narrower. */
@Component
@Plugin(name = "albert", does = "builds ALBERT models", paper = "arXiv:1909.11942")
public final class Albert implements ModelFamily {

  @Override
  public boolean claims(ModelConfig config) {
    return Encoder.claims(config, List.of("albert"), "Albert");
  }

  @Override
  public Architecture open(ModelConfig config, Head head) {
    EncoderShape shape =
        EncoderShape.of(config, 0, "gelu_new").embedded(config.size("embedding_size", 128));
    int groups = config.size("num_hidden_groups", 1);
    if (groups > shape.layers()) {
      throw config.odd("num_hidden_groups", "at most num_hidden_layers, " + shape.layers());
    }
    AlbertNames names = new AlbertNames(shape, groups, config.size("inner_group_num", 1));
    return new Encoder(shape, names, head.in(config));
  }
}
