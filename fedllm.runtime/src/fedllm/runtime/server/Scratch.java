package fedllm.runtime.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Bytes of one round between its two passes: a mapped file without a name, which goes with the
 * process. It is the system's cache and not the heap that holds them, so that what the server has
 * to itself does not grow with clients or updates. Whatever it has no room for is read again from
 * the log. Safe for many threads.
 */
final class Scratch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Scratch.class);

  /** No more is written than is soon used; a record is at most a sixteenth. */
  private static final int WINDOW = 16 << 20;

  private final Path file;
  private final long limit;
  private final List<ByteBuffer> windows = new ArrayList<>();
  private FileChannel channel;
  private boolean full;
  private int window;
  private int position;

  /**
   * Nothing is written yet.
   *
   * @param file where it lies while it is opened
   * @param limit how many bytes it may take
   */
  Scratch(Path file, long limit) {
    this.file = file;
    this.limit = limit;
  }

  /** Copies bytes; null when there is no room for them. They are gone after {@link #clear}. */
  synchronized ByteBuffer put(ByteBuffer bytes) {
    int length = bytes.remaining();
    if (length > WINDOW) {
      return null;
    }
    if (window < windows.size() && position + length > WINDOW) {
      window++;
      position = 0;
    }
    if (window == windows.size() && !grow()) {
      return null;
    }
    ByteBuffer copy = windows.get(window).slice(position, length);
    copy.put(bytes.duplicate());
    position += length;
    return copy.flip().asReadOnlyBuffer();
  }

  /** Forgets everything; what {@link #put} answered must not be read any more. */
  synchronized void clear() {
    window = 0;
    position = 0;
  }

  /** A hole in a mapped file would be a fault when the disk is full, so there is none. */
  private boolean grow() {
    long size = (long) windows.size() * WINDOW;
    if (full || size + WINDOW > limit) {
      return false;
    }
    try {
      if (channel == null) {
        Files.createDirectories(file.getParent());
        channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
      }
      ByteBuffer zeros = ByteBuffer.allocate(1 << 20);
      for (long at = size; at < size + WINDOW; ) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), size + WINDOW - at));
        at += channel.write(zeros, at);
      }
      windows.add(channel.map(MapMode.READ_WRITE, size, WINDOW));
      return true;
    } catch (IOException e) {
      LOG.warn(
          "updates are read twice from the log, because {} cannot grow: {}", file, e.toString());
      full = true;
      return false;
    }
  }

  @Override
  public synchronized void close() {
    full = true;
    windows.clear();
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be closed", e);
    }
  }
}
