package fedllm.models.phi;

import fedllm.learning.model.Head;

/** Phi with a head that classifies a text by its last token. */
class PhiClassesTest extends PhiContractTest {

  @Override
  public Head head() {
    return new Head(Head.Kind.SEQUENCE_CLASSES, 3);
  }
}
