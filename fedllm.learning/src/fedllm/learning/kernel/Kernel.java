package fedllm.learning.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/**
 * TorchScript methods, compiled. Used by one thread at a time, and computes on that thread alone.
 */
public final class Kernel implements AutoCloseable {

  private final NDManager manager;
  private final PtSymbolBlock block;
  private final Map<String, NDArray> methods = new HashMap<>();

  private Kernel(NDManager manager, PtSymbolBlock block) {
    this.manager = manager;
    this.block = block;
  }

  /**
   * Compiles the methods of a class K, each indented by two and its body by four.
   *
   * @param owner closes the kernel if nobody else did
   */
  public static Kernel compile(NDManager owner, String methods) {
    NDManager manager = owner.newSubManager();
    try (var loader = ContextClassLoader.of(PtSymbolBlock.class);
        var archive = new ByteArrayInputStream(Archive.of(methods))) {
      return new Kernel(manager, JniUtils.loadModule((PtNDManager) manager, archive, false, false));
    } catch (IOException e) {
      manager.close();
      throw new UncheckedIOException("memory cannot fail to give bytes", e);
    } catch (RuntimeException | Error e) {
      manager.close();
      throw e;
    }
  }

  /** Makes arrays elements of the list argument {@code name} of a method. */
  public static NDList list(String name, NDList arrays) {
    for (NDArray array : arrays) {
      array.setName(name + "[]");
    }
    return arrays;
  }

  /**
   * Calls a method that returns a tensor or a list of tensors.
   *
   * @param gradients whether the method may ask for gradients
   * @param arguments in the method's order, lists made by {@link #list}; the manager of the first
   *     one owns the result
   */
  public NDList call(String method, boolean gradients, NDList arguments) {
    NDList all = new NDList(arguments.size() + 1);
    all.addAll(arguments);
    all.add(methods.computeIfAbsent(method, this::selector));
    // All three are the thread's own, and a new thread starts with gradients on.
    JniUtils.setNumThreads(1);
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setGradMode(gradients);
    try {
      return IValueUtils.forward(block, all, true);
    } finally {
      JniUtils.setGradMode(false);
    }
  }

  private NDArray selector(String method) {
    NDArray selector = manager.create(0);
    selector.setName("module_method:" + method);
    return selector;
  }

  @Override
  public void close() {
    block.close();
    manager.close();
  }
}
