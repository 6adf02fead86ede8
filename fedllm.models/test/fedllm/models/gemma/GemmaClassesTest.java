package fedllm.models.gemma;

import fedllm.learning.model.Head;
import java.util.stream.Stream;

/** Gemmas with a head that classifies a text by its last token. */
class GemmaClassesTest extends GemmaContractTest {

  @Override
  public Head head() {
    return new Head(Head.Kind.SEQUENCE_CLASSES, 3);
  }

  @Override
  public Stream<String> configs() {
    return Stream.of(Small.first(), Small.second())
        .map(smalls -> smalls.findFirst().orElseThrow().config());
  }
}
