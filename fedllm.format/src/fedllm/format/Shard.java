package fedllm.format;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One weight file while it is written: the header first, then tensors in any order. */
final class Shard implements Closeable {

  private static final Map<String, String> METADATA = Map.of("format", "pt");

  private final String name;
  private final SafetensorsHeader header;
  private final FileChannel channel;
  private final long dataStart;
  private final Map<String, Long> written = new HashMap<>();

  Shard(Path folder, String name, SafetensorsHeader header) throws IOException {
    this.name = name;
    this.header = header;
    byte[] json = HeaderJson.write(header);
    dataStart = json.length;
    channel =
        FileChannel.open(
            folder.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    put(ByteBuffer.wrap(json), 0);
  }

  /**
   * Cuts a model into files of at most so many bytes of tensors, in the given order; a larger
   * tensor has a file alone.
   */
  static List<SafetensorsHeader> cut(List<ModelWriter.Entry> entries, long maxBytes) {
    List<SafetensorsHeader> headers = new ArrayList<>();
    List<ModelWriter.Entry> some = new ArrayList<>();
    long bytes = 0;
    for (ModelWriter.Entry entry : entries) {
      if (!some.isEmpty() && entry.bytes() > maxBytes - bytes) {
        headers.add(header(some));
        some.clear();
        bytes = 0;
      }
      some.add(entry);
      bytes = Math.addExact(bytes, entry.bytes());
    }
    headers.add(header(some));
    return headers;
  }

  /** The widest elements first, so that every tensor begins at a multiple of its element. */
  private static SafetensorsHeader header(List<ModelWriter.Entry> entries) {
    List<ModelWriter.Entry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingInt(entry -> -entry.dtype().bytes()));
    List<TensorInfo> tensors = new ArrayList<>();
    long at = 0;
    for (ModelWriter.Entry entry : sorted) {
      long end = Math.addExact(at, entry.bytes());
      tensors.add(new TensorInfo(entry.name(), entry.dtype(), entry.shape(), at, end));
      at = end;
    }
    return new SafetensorsHeader(tensors, METADATA);
  }

  String name() {
    return name;
  }

  SafetensorsHeader header() {
    return header;
  }

  /** Takes the next bytes of a tensor. */
  void write(TensorInfo tensor, ByteBuffer bytes) throws IOException {
    long at = written.getOrDefault(tensor.name(), 0L);
    if (bytes.remaining() > tensor.bytes() - at) {
      throw new IllegalArgumentException(
          bytes.remaining() + " bytes after " + at + " are too many for " + tensor);
    }
    written.put(tensor.name(), at + bytes.remaining());
    put(bytes, dataStart + tensor.begin() + at);
  }

  /** Forces what was written to the disk; nothing may be missing. */
  void finish() throws IOException {
    for (TensorInfo tensor : header.tensors()) {
      long bytes = written.getOrDefault(tensor.name(), 0L);
      if (bytes != tensor.bytes()) {
        throw new IllegalStateException(name + ": " + tensor + " ends after " + bytes + " bytes");
      }
    }
    channel.force(true);
    channel.close();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private void put(ByteBuffer bytes, long at) throws IOException {
    long to = at;
    while (bytes.hasRemaining()) {
      to += channel.write(bytes, to);
    }
  }
}
