package fedllm.chat;

import ai.djl.ndarray.NDManager;
import fedllm.api.tensor.Tensors;
import fedllm.learning.base.Base;
import fedllm.learning.base.Bases;
import fedllm.learning.base.LanguageModel;
import fedllm.learning.base.Precision;
import fedllm.learning.generate.Generation;
import fedllm.learning.model.Head;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Adapters;
import java.nio.file.Path;

/** A model with an adapter, in memory. Used by one thread. */
final class Companion implements AutoCloseable {

  private final LanguageModel model;
  private final Generation generation;

  private Companion(LanguageModel model, Tensors values) {
    this.model = model;
    NDManager owner = model.newManager();
    this.generation = new Generation(model, model.list(owner, "p", values));
  }

  /**
   * Opens both.
   *
   * @param adapter its folder, or null for the model alone
   */
  static Companion open(
      Bases bases, Precision precision, Adapters adapters, Path folder, Path adapter) {
    Base base = bases.open(folder, Head.TOKENS, precision);
    LanguageModel model = null;
    try {
      Adapters.Opened opened =
          adapter == null
              ? new Adapters.Opened(Adapter.NONE, new Tensors(Adapter.NONE.schema()))
              : adapters.open(adapter, base.architecture(), base);
      model = new LanguageModel(base, opened.adapter());
      return new Companion(model, opened.values());
    } catch (RuntimeException | Error e) {
      if (model == null) {
        base.close();
      } else {
        model.close();
      }
      throw e;
    }
  }

  Base base() {
    return model.base();
  }

  /** How many places of the context the adapter takes. */
  int places() {
    return model.places();
  }

  Generation generation() {
    return generation;
  }

  @Override
  public void close() {
    generation.close();
    model.close();
  }
}
