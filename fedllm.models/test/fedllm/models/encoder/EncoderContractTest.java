package fedllm.models.encoder;

import fedllm.learning.model.Head;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;

class EncoderContractTest implements EncoderContract {

  @Nested
  class WithSequenceClasses implements EncoderContract {
    @Override
    public Head head() {
      return new Head(Head.Kind.SEQUENCE_CLASSES, 3);
    }
  }

  @Nested
  class WithTokenClasses implements EncoderContract {
    @Override
    public Stream<String> configs() {
      return EncoderContract.super.configs().limit(1); // the head is the same in all families
    }

    @Override
    public Head head() {
      return new Head(Head.Kind.TOKEN_CLASSES, 3);
    }
  }
}
