package fedllm.models.gemma;

import java.util.stream.Stream;

class Gemma2ContractTest extends GemmaContractTest {

  @Override
  public Stream<String> configs() {
    return Small.second().map(Small::config);
  }
}
