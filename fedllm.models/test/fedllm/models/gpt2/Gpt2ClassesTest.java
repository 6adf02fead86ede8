package fedllm.models.gpt2;

import fedllm.learning.model.Head;

/** GPT-2 with a head that classifies a text by its last token. */
class Gpt2ClassesTest extends Gpt2ContractTest {

  @Override
  public Head head() {
    return new Head(Head.Kind.SEQUENCE_CLASSES, 3);
  }
}
