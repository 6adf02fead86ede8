package fedllm.learning.kernel;

/**
 * Makes a class's own loader the thread's context class loader until closed: DJL finds its engines
 * and native libraries through it, and in a framework nobody else sets it.
 */
public final class ContextClassLoader implements AutoCloseable {

  private final Thread thread = Thread.currentThread();
  private final ClassLoader before = thread.getContextClassLoader();

  private ContextClassLoader() {}

  /** The loader of {@code type}, for this thread. */
  public static ContextClassLoader of(Class<?> type) {
    ContextClassLoader guard = new ContextClassLoader();
    guard.thread.setContextClassLoader(type.getClassLoader());
    return guard;
  }

  @Override
  public void close() {
    thread.setContextClassLoader(before);
  }
}
