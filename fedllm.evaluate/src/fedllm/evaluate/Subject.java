package fedllm.evaluate;

import fedllm.api.data.Data;
import fedllm.api.data.Example;
import fedllm.api.error.Refused;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Site;
import fedllm.learning.model.Architecture;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Adapters;
import fedllm.learning.peft.Frozen;
import fedllm.learning.peft.PeftMethod;
import fedllm.learning.storage.Storage;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** What is measured: a model with an adapter or without, and texts, all of them held out. */
final class Subject implements Site, PeftMethod {

  private final Path model;
  private final Path adapter;
  private final Adapters adapters;
  private final Frozen base;
  private final Choice<Storage> storage;
  private final Data data;
  private final boolean heldOutOnly;
  private Tensors values = new Tensors(Adapter.NONE.schema());

  /**
   * A subject.
   *
   * @param adapter its folder, or null
   * @param base the model's own weights
   * @param storage null for what needs no conversion
   * @param heldOutOnly whether only what the data holds out is measured on
   */
  Subject(
      Path model,
      Path adapter,
      Adapters adapters,
      Frozen base,
      Choice<Storage> storage,
      Data data,
      boolean heldOutOnly) {
    this.model = model;
    this.adapter = adapter;
    this.adapters = adapters;
    this.base = base;
    this.storage = storage;
    this.data = data;
    this.heldOutOnly = heldOutOnly;
  }

  /** The adapter's, once it was opened. */
  Tensors values() {
    return values;
  }

  @Override
  public Adapter open(Options options, Architecture architecture) {
    if (adapter == null) {
      return Adapter.NONE;
    }
    Adapters.Opened opened = adapters.open(adapter, architecture, base);
    values = opened.values();
    return opened.adapter();
  }

  @Override
  public Scope scope() {
    return new Scope("evaluate", "here", 0);
  }

  @Override
  public Path base() {
    return model;
  }

  @Override
  public Data data() {
    return new Data() {
      @Override
      public Stream<Example> train() {
        return Stream.of();
      }

      @Override
      public Stream<Example> heldOut() {
        return heldOutOnly ? data.heldOut() : data.train();
      }
    };
  }

  @Override
  public <K> Choice<K> choice(String key, Class<K> contract) {
    if (contract != PeftMethod.class) {
      throw new Refused("a " + key + " is asked for, which only jobs have");
    }
    return new Choice<>(contract.cast(this), null);
  }

  @Override
  public <K> Optional<Choice<K>> optional(String key, Class<K> contract) {
    return contract == Storage.class && storage != null
        ? Optional.of(new Choice<>(contract.cast(storage.plugin()), storage.options()))
        : Optional.empty();
  }
}
