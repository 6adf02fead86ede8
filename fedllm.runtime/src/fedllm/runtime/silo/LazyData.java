package fedllm.runtime.silo;

import fedllm.api.data.Data;
import fedllm.api.data.Example;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Data that is looked for when a worker first asks: some trainers need none. One thread. */
final class LazyData implements Data {

  private final Supplier<Data> open;
  private Data data;

  LazyData(Supplier<Data> open) {
    this.open = open;
  }

  @Override
  public Stream<Example> train() {
    return data().train();
  }

  @Override
  public Stream<Example> heldOut() {
    return data().heldOut();
  }

  private Data data() {
    if (data == null) {
      data = open.get();
    }
    return data;
  }
}
