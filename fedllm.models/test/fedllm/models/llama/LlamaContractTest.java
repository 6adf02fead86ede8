package fedllm.models.llama;

import fedllm.learning.model.Head;
import fedllm.learning.model.ModelFamily;
import fedllm.testkit.learning.FamilyContract;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;

class LlamaContractTest implements FamilyContract {

  @Override
  public ModelFamily family() {
    return new Llama();
  }

  @Override
  public Stream<String> configs() {
    return Stream.of(
        new Shape(16, 24, 2, 4, 4, 23, true).config(),
        new Shape(16, 24, 2, 4, 2, 23, false).config(),
        new Shape(24, 10, 1, 6, 1, 23, true).config());
  }

  @Nested
  class WithClassesOfSequences implements FamilyContract {
    @Override
    public ModelFamily family() {
      return new Llama();
    }

    @Override
    public Stream<String> configs() {
      return Stream.of(new Shape(16, 24, 2, 4, 2, 23, false).config());
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
