package fedllm.runtime.data;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.Spliterators;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Streams one after the other, each opened when the one before has ended. {@link Stream#flatMap}
 * would hold a whole stream in memory as soon as somebody asks for an iterator.
 */
final class Concatenation<T> implements Iterator<T> {

  private final Queue<Supplier<Stream<T>>> waiting;
  private final Runnable onNothing;
  private boolean found;
  private Stream<T> open = Stream.empty();
  private Iterator<T> current = open.iterator();

  private Concatenation(List<Supplier<Stream<T>>> streams, Runnable onNothing) {
    waiting = new ArrayDeque<>(streams);
    this.onNothing = onNothing;
  }

  /** All of them; {@code onNothing} is called where not one has anything. */
  static <T> Stream<T> of(List<Supplier<Stream<T>>> streams, Runnable onNothing) {
    Concatenation<T> all = new Concatenation<>(streams, onNothing);
    return StreamSupport.stream(Spliterators.spliteratorUnknownSize(all, 0), false)
        .onClose(all::close);
  }

  @Override
  public boolean hasNext() {
    while (!current.hasNext()) {
      close();
      if (waiting.isEmpty()) {
        if (!found) {
          onNothing.run();
        }
        return false;
      }
      open = waiting.remove().get();
      current = open.iterator();
    }
    return true;
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    found = true;
    return current.next();
  }

  private void close() {
    open.close();
  }
}
