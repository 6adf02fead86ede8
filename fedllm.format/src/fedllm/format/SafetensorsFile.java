package fedllm.format;

import fedllm.api.error.SitsOut;
import fedllm.api.tensor.Schema;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A safetensors file mapped into memory; the length of the file does not matter, the heap stays
 * small. Safe for many threads. The mapping lives as long as a slice of it is in use.
 */
public final class SafetensorsFile implements Closeable {

  /** One mapping reaches no further than an int. */
  private static final long WINDOW = 1L << 30;

  private static final int BLOCK_VALUES = 1 << 18;

  private final Path path;
  private final FileChannel channel;
  private final SafetensorsHeader header;
  private final long dataStart;
  private final List<ByteBuffer> windows = new ArrayList<>();

  private SafetensorsFile(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    long size = channel.size();
    String source = path.toString();
    int length = HeaderJson.length(source, read(0, (int) Math.min(8, size)), size);
    dataStart = 8L + length;
    header = HeaderJson.read(source, read(8, length).array(), size - dataStart);
    for (long at = dataStart; at < size; at += WINDOW) {
      windows.add(map(at, Math.min(WINDOW, size - at)));
    }
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws SitsOut when the file is no safetensors file; the message names it
   */
  public static SafetensorsFile open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new SafetensorsFile(path, channel);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  /** The file. */
  public Path path() {
    return path;
  }

  /** What is in it. */
  public SafetensorsHeader header() {
    return header;
  }

  /** The schema that {@link SafetensorsWriter} wrote with the tensors. */
  public Schema schema() {
    return header.schema(path.toString());
  }

  /** A tensor by name; a missing one is refused by name. */
  public TensorInfo tensor(String name) {
    TensorInfo tensor = header.tensor(name);
    if (tensor == null) {
      throw new SitsOut(
          path
              + ": has no tensor "
              + Shown.name(name)
              + "; it holds "
              + header.tensors().size()
              + " others");
    }
    return tensor;
  }

  /** Bytes of a tensor, from byte {@code from} on: little-endian, read-only, not copied. */
  public ByteBuffer slice(TensorInfo tensor, long from, int bytes) {
    if (from < 0 || bytes < 0 || from > tensor.bytes() - bytes) {
      throw new IllegalArgumentException(
          bytes + " bytes from " + from + " on are more than " + tensor + " has");
    }
    long at = tensor.begin() + from;
    int window = (int) (at / WINDOW);
    int offset = (int) (at % WINDOW);
    if (bytes == 0) {
      return ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN);
    }
    if (offset + (long) bytes <= WINDOW) {
      return windows.get(window).slice(offset, bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
    try {
      return map(dataStart + at, bytes);
    } catch (IOException e) {
      throw new SitsOut(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /** Reads elements of an F32, F16 or BF16 tensor, from element {@code from} on. */
  public void floats(TensorInfo tensor, long from, float[] out, int at, int count) {
    Dtype dtype = tensor.dtype();
    if (from < 0 || from > tensor.elements() - count) {
      throw new IllegalArgumentException(
          count + " values from " + from + " on are more than " + tensor + " has");
    }
    if (!dtype.isFloat()) {
      throw new SitsOut(path + ": " + tensor + " should be F32, F16 or BF16");
    }
    for (int done = 0; done < count; ) {
      int n = Math.min(BLOCK_VALUES, count - done);
      ByteBuffer block = slice(tensor, (from + done) * dtype.bytes(), n * dtype.bytes());
      Floats.read(dtype, block, out, at + done, n);
      done += n;
    }
  }

  /** Mappings go when the last slice of them is garbage. */
  @Override
  public void close() throws IOException {
    channel.close();
  }

  private ByteBuffer map(long at, long bytes) throws IOException {
    return channel.map(MapMode.READ_ONLY, at, bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Fills {@code out} with a tensor's bytes, from byte {@code from} on, and flips it. What is read
   * so cannot fault when somebody shortens the file.
   *
   * @throws SitsOut when the file became shorter
   */
  public ByteBuffer read(TensorInfo tensor, long from, ByteBuffer out) {
    if (from < 0 || from > tensor.bytes() - out.remaining()) {
      throw new IllegalArgumentException(
          out.remaining() + " bytes from " + from + " on are more than " + tensor + " has");
    }
    try {
      return read(dataStart + tensor.begin() + from, out);
    } catch (IOException e) {
      throw new SitsOut(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private ByteBuffer read(long at, int bytes) throws IOException {
    return read(at, ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN));
  }

  private ByteBuffer read(long at, ByteBuffer out) throws IOException {
    int start = out.position();
    while (out.hasRemaining()) {
      if (channel.read(out, at + out.position() - start) < 0) {
        throw new EOFException(path + " became shorter while it was read");
      }
    }
    return out.limit(out.position()).position(start);
  }
}
