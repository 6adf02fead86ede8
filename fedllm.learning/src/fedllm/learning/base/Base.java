package fedllm.learning.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.error.SitsOut;
import fedllm.format.ModelFolder;
import fedllm.learning.kernel.Casts;
import fedllm.learning.kernel.Torch;
import fedllm.learning.model.Architecture;
import fedllm.learning.model.Weight;
import fedllm.learning.peft.Adapter;
import fedllm.learning.peft.Frozen;
import fedllm.learning.storage.Floating;
import fedllm.learning.storage.Storage;
import fedllm.learning.text.Tokenizer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** A frozen model in memory, shared. Safe for many threads; nobody changes its weights. */
public final class Base implements AutoCloseable, Frozen {

  /** How many have it open; guarded by {@link Bases}. */
  int users;

  private final ModelFolder folder;
  private final Bases.Key key;
  private final Architecture architecture;
  private final NDManager manager;
  private final Weights weights;
  private final Weights.Held held;
  private final Consumer<Base> release;
  private Tokenizer tokenizer;

  private Base(
      ModelFolder folder,
      Bases.Key key,
      Architecture architecture,
      NDManager manager,
      Consumer<Base> release) {
    this.folder = folder;
    this.key = key;
    this.architecture = architecture;
    this.manager = manager;
    this.weights = new Weights(folder, architecture, key.precision());
    this.held = weights.load(manager);
    this.release = release;
  }

  static Base load(
      ModelFolder folder,
      Bases.Key key,
      Architecture architecture,
      String device,
      Consumer<Base> release) {
    NDManager manager = Torch.newManager(device);
    try {
      return new Base(folder, key, architecture, manager, release);
    } catch (RuntimeException | Error e) {
      manager.close();
      throw e;
    }
  }

  /** How a weight is held: vectors as they are, tables in 16 bits at least. */
  static Storage storage(Precision precision, Weight weight) {
    Storage storage = precision.storage();
    return switch (weight.role()) {
      case VECTOR -> Floating.FP32;
      case TABLE -> storage.coded() ? Floating.BF16 : storage;
      case MATRIX -> storage;
    };
  }

  /** Its files. */
  public ModelFolder folder() {
    return folder;
  }

  /** Its shape. */
  public Architecture architecture() {
    return architecture;
  }

  /** How it computes and is held. */
  public Precision precision() {
    return key.precision();
  }

  /** Memory that its weights take. */
  long bytes() {
    long bytes = 0;
    for (NDArray array : held.all()) {
      bytes += Casts.bytes(array);
    }
    return bytes;
  }

  /** What makes tokens of text; read when first asked for. */
  public synchronized Tokenizer tokenizer() {
    if (tokenizer == null) {
      tokenizer = Tokenizer.open(folder);
    }
    return tokenizer;
  }

  /** One weight's values as the files have them, matrices [out, in]; null where they lack it. */
  public float[] values(String weight) {
    return weights.values(weight);
  }

  @Override
  public float[] rows(String weight, long from, int count) {
    return weights.rows(weight, from, count);
  }

  /**
   * Refuses to leave a head untrained that the files lack: it is zero, and what it says is nothing.
   */
  void checkHead(List<Adapter> adapters) {
    Set<String> trained = new HashSet<>();
    for (Adapter adapter : adapters) {
      adapter.grafts().forEach(graft -> trained.add(graft.at().name()));
    }
    for (String weight : held.absent()) {
      String module = weight.substring(0, weight.lastIndexOf('.'));
      if (weight.endsWith(".weight") && !trained.contains(module)) {
        throw new SitsOut(
            folder.folder()
                + ": no weight file holds "
                + weight
                + ", and nothing trains it; name "
                + module
                + " in peft.modulesToSave");
      }
    }
  }

  NDManager manager() {
    return manager;
  }

  Bases.Key key() {
    return key;
  }

  Weights.Held held() {
    return held;
  }

  /** The list argument {@code w}. */
  NDList weights() {
    return held.all();
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
