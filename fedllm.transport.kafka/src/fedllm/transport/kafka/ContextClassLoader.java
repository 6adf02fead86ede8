package fedllm.transport.kafka;

import java.util.function.Supplier;

/**
 * Kafka's client loads its own parts by name through the thread's context class loader, which
 * inside a framework sees none of them; a client class that was initialised like that stays broken.
 */
final class ContextClassLoader {

  private ContextClassLoader() {}

  /** Runs with the loader of {@code type} as the context. */
  static <T> T of(Class<?> type, Supplier<T> construction) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(type.getClassLoader());
    try {
      return construction.get();
    } finally {
      thread.setContextClassLoader(before);
    }
  }
}
