package fedllm.format;

import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Writes a schema's values to a file that appears whole or not at all. One block at a time is in
 * memory. Used by one thread; a file has one writer at a time.
 */
public final class SafetensorsWriter implements Closeable {

  private final Path file;
  private final Path partial;
  private final FileChannel channel;
  private final Dtype dtype;
  private final List<Tensor> tensors;
  private final MessageDigest sha256 = Sha256.newDigest();
  private final ByteBuffer block;
  private int tensor;
  private long next;
  private boolean committed;

  /** Begins a file of F32 values. */
  public SafetensorsWriter(Path file, Schema schema, Map<String, String> metadata)
      throws IOException {
    this(file, schema, Dtype.F32, metadata);
  }

  /** Begins a file of F32 or BF16 values; the file itself is untouched until {@link #commit}. */
  public SafetensorsWriter(Path file, Schema schema, Dtype dtype, Map<String, String> metadata)
      throws IOException {
    this.file = file.toAbsolutePath();
    this.dtype = dtype;
    this.tensors = schema.tensors();
    byte[] header = HeaderJson.write(SafetensorsHeader.of(schema, dtype, metadata));
    partial = this.file.resolveSibling("." + file.getFileName() + ".partial");
    channel =
        FileChannel.open(
            partial,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    block = ByteBuffer.allocate(1 << 16);
    put(ByteBuffer.wrap(header));
  }

  /** Takes the next values of the schema; units come in order and leave nothing out. */
  public void write(Unit unit, float[] values) throws IOException {
    int at = 0;
    for (Tensor part : unit.tensors()) {
      long left = part.size() - next;
      int count = (int) Math.min(left, unit.length() - at);
      long expectedOffset = unit.tensors().size() == 1 ? unit.offset() : 0;
      if (tensor == tensors.size() || !part.equals(tensors.get(tensor)) || next != expectedOffset) {
        throw new IllegalArgumentException(
            part + " from " + unit.offset() + " on is not what comes next");
      }
      floats(values, at, count);
      at += count;
      next += count;
      if (next == part.size()) {
        tensor++;
        next = 0;
      }
    }
    if (at != unit.length()) {
      throw new IllegalArgumentException(unit.length() + " values for " + unit.tensors());
    }
  }

  /** Forces everything to the disk, then lets the file appear under its name; says its SHA-256. */
  public String commit() throws IOException {
    channel.force(true);
    String hash = appear();
    try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
      folder.force(true); // The new name, too, must survive a power cut.
    }
    return hash;
  }

  /**
   * Lets the file appear under its name, whole after any crash of this process; a power cut may
   * take it, as it may take a Kafka broker's latest records. Says its SHA-256.
   */
  public String appear() throws IOException {
    if (tensor != tensors.size()) {
      throw new IllegalStateException(file + " lacks " + tensors.get(tensor) + " from " + next);
    }
    channel.close();
    Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    committed = true;
    return HexFormat.of().formatHex(sha256.digest());
  }

  /** Removes what was begun, unless it was committed. */
  @Override
  public void close() throws IOException {
    channel.close();
    if (!committed) {
      Files.deleteIfExists(partial);
    }
  }

  private void floats(float[] values, int at, int count) throws IOException {
    int room = block.capacity() / dtype.bytes();
    for (int done = 0; done < count; ) {
      int n = Math.min(room, count - done);
      block.clear();
      Floats.write(dtype, values, at + done, n, block);
      put(block.flip());
      done += n;
    }
  }

  private void put(ByteBuffer bytes) throws IOException {
    sha256.update(bytes.duplicate());
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
