package fedllm.learning.base;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.format.ModelFolder;
import fedllm.learning.kernel.Torch;
import fedllm.learning.model.Architecture;
import fedllm.learning.text.Tokenizer;
import java.util.function.Consumer;

/** A frozen model in memory, shared. Safe for many threads; nobody changes its weights. */
public final class Base implements AutoCloseable {

  /** How many have it open; guarded by {@link Bases}. */
  int users;

  private final ModelFolder folder;
  private final String fingerprint;
  private final Architecture architecture;
  private final NDManager manager;
  private final NDList weights;
  private final Consumer<Base> release;
  private Tokenizer tokenizer;

  private Base(
      ModelFolder folder,
      String fingerprint,
      Architecture architecture,
      NDManager manager,
      NDList weights,
      Consumer<Base> release) {
    this.folder = folder;
    this.fingerprint = fingerprint;
    this.architecture = architecture;
    this.manager = manager;
    this.weights = weights;
    this.release = release;
  }

  static Base load(
      ModelFolder folder, String fingerprint, Architecture architecture, Consumer<Base> release) {
    NDManager manager = Torch.newManager();
    try {
      NDList weights = new Weights(folder, architecture).load(manager);
      return new Base(folder, fingerprint, architecture, manager, weights, release);
    } catch (RuntimeException | Error e) {
      manager.close();
      throw e;
    }
  }

  /** SHA-256 over configuration and weights: equal for equal models, wherever they lie. */
  public String fingerprint() {
    return fingerprint;
  }

  /** Its shape. */
  public Architecture architecture() {
    return architecture;
  }

  /** What makes tokens of text; read when first asked for. */
  public synchronized Tokenizer tokenizer() {
    if (tokenizer == null) {
      tokenizer = Tokenizer.open(folder);
    }
    return tokenizer;
  }

  NDManager manager() {
    return manager;
  }

  /** The weights in the architecture's order, as the list argument {@code w}. */
  NDList weights() {
    return weights;
  }

  /** Once for each {@link Bases#open}. */
  @Override
  public void close() {
    release.accept(this);
  }

  synchronized void free() {
    if (tokenizer != null) {
      tokenizer.close();
    }
    manager.close();
  }
}
