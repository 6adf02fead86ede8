package fedllm.models.llama;

import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.models.decoder.DecoderConfig;
import fedllm.models.decoder.DecoderContract;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;

class LlamaContractTest implements DecoderContract {

  private static final String PLAIN = "\"max_position_embeddings\": 64";

  @Override
  public ModelFamily family() {
    return new Llama();
  }

  @Override
  public Stream<String> configs() {
    return Stream.of(
        DecoderConfig.of("llama", 2, 4, true, PLAIN),
        DecoderConfig.of(
            "llama", 1, 1, false, PLAIN + ", \"attention_bias\": true, \"mlp_bias\": true"),
        DecoderConfig.of("llama", 1, 2, false, PLAIN + ", \"head_dim\": 6, \"pretraining_tp\": 2"));
  }

  @Nested
  class WithClassesOfSequences implements DecoderContract {
    @Override
    public ModelFamily family() {
      return new Llama();
    }

    @Override
    public Stream<String> configs() {
      return Stream.of(DecoderConfig.of("llama", 2, 2, false, PLAIN));
    }

    @Override
    public Head head() {
      return new Head(Head.Kind.SEQUENCE_CLASSES, 3);
    }
  }

  @Nested
  class WithClassesOfTokens extends WithClassesOfSequences {
    @Override
    public Head head() {
      return new Head(Head.Kind.TOKEN_CLASSES, 3);
    }
  }
}
