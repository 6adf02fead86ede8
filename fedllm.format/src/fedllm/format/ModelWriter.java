package fedllm.format;

import fedllm.api.error.Refused;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Writes a whole model, weights and the files beside them, as a folder in Hugging Face layout that
 * appears whole or not at all. What fits one shard is {@code model.safetensors}, more are {@code
 * model-00001-of-00002.safetensors} and so on with their index.
 *
 * <p>Tensors may come in any order and in pieces; a block of them at a time is in memory. Used by
 * one thread; a folder has one writer at a time.
 */
public final class ModelWriter implements Closeable {

  /** The tensors' bytes in a file, at most, as Hugging Face's tools cut them: 5 GB. */
  public static final long SHARD_BYTES = 5_000_000_000L;

  private static final int BLOCK_BYTES = 1 << 18;

  private final Path folder;
  private final Path partial;
  private final List<Shard> shards = new ArrayList<>();
  private final Map<String, Shard> homes = new HashMap<>();
  private final ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private boolean committed;

  /**
   * A tensor that will be written.
   *
   * @param name its full name
   * @param dtype the type of its elements in the file
   * @param shape its sizes, outermost first; empty for a scalar
   */
  public record Entry(String name, Dtype dtype, List<Long> shape) {

    public Entry {
      shape = List.copyOf(shape);
    }

    long bytes() {
      long bytes = dtype.bytes();
      for (long n : shape) {
        bytes = Math.multiplyExact(bytes, n);
      }
      return bytes;
    }
  }

  /** Begins a folder that is not there yet or empty, with shards of {@link #SHARD_BYTES}. */
  public ModelWriter(Path folder, List<Entry> tensors) throws IOException {
    this(folder, tensors, SHARD_BYTES);
  }

  /**
   * Begins a folder that is not there yet or empty.
   *
   * @param maxShardBytes the tensors' bytes in a file; a larger tensor has a file alone
   * @throws Refused when the folder holds something or the disk has too little room
   */
  public ModelWriter(Path folder, List<Entry> tensors, long maxShardBytes) throws IOException {
    if (maxShardBytes <= 0) {
      throw new IllegalArgumentException("shards of at most " + maxShardBytes + " bytes");
    }
    this.folder = folder.toAbsolutePath().normalize();
    List<SafetensorsHeader> headers = Shard.cut(tensors, maxShardBytes);
    checkEmpty();
    Files.createDirectories(this.folder.getParent());
    checkRoom(headers);
    partial = this.folder.resolveSibling("." + this.folder.getFileName() + ".partial");
    removePartial();
    Files.createDirectory(partial);
    try {
      begin(headers);
    } catch (IOException | RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private void begin(List<SafetensorsHeader> headers) throws IOException {
    int count = headers.size();
    for (int i = 0; i < count; i++) {
      String name =
          count == 1
              ? "model.safetensors"
              : String.format("model-%05d-of-%05d.safetensors", i + 1, count);
      Shard shard = new Shard(partial, name, headers.get(i));
      shards.add(shard);
      for (TensorInfo tensor : shard.header().tensors()) {
        if (homes.put(tensor.name(), shard) != null) {
          throw new IllegalArgumentException("two tensors are called " + tensor.name());
        }
      }
    }
  }

  /**
   * Takes the next values of an F32, F16 or BF16 tensor, rounded to nearest, ties to even.
   *
   * @throws Refused when a finite value would become infinite
   */
  public void write(String name, float[] values, int from, int count) throws IOException {
    Shard shard = home(name);
    TensorInfo tensor = shard.header().tensor(name);
    int room = BLOCK_BYTES / tensor.dtype().bytes();
    for (int done = 0; done < count; ) {
      int n = Math.min(room, count - done);
      block.clear();
      Floats.write(tensor.dtype(), values, from + done, n, block);
      block.flip();
      checkRange(tensor, values, from + done, n);
      shard.write(tensor, block);
      done += n;
    }
  }

  /** Takes the next bytes of a tensor of any type as they are. */
  public void write(String name, ByteBuffer bytes) throws IOException {
    Shard shard = home(name);
    shard.write(shard.header().tensor(name), bytes);
  }

  /** Adds a file such as {@code config.json}. */
  public void file(String name, byte[] content) throws IOException {
    if (!Path.of(name).equals(Path.of(name).getFileName()) || name.endsWith(".safetensors")) {
      throw new IllegalArgumentException(name + " is no file beside the weights");
    }
    Path file = partial.resolve(name);
    try (FileChannel out =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    }
  }

  /** Forces everything to the disk, then lets the folder appear; nothing may be missing. */
  public ModelFolder commit() throws IOException {
    if (shards.size() > 1) {
      Map<String, String> files = new TreeMap<>();
      homes.forEach((tensor, shard) -> files.put(tensor, shard.name()));
      long bytes = shards.stream().mapToLong(shard -> shard.header().dataBytes()).sum();
      file(WeightIndex.NAME, new WeightIndex(files).json(bytes));
    }
    for (Shard shard : shards) {
      shard.finish();
    }
    force(partial);
    checkEmpty();
    Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
    committed = true;
    force(folder.getParent());
    return new ModelFolder(
        folder, shards.stream().map(shard -> folder.resolve(shard.name())).toList());
  }

  /** Removes what was begun, unless it was committed. */
  @Override
  public void close() throws IOException {
    for (Shard shard : shards) {
      shard.close();
    }
    if (!committed) {
      removePartial();
    }
  }

  private Shard home(String name) {
    Shard shard = homes.get(name);
    if (shard == null) {
      throw new IllegalArgumentException(name + " is none of the model's tensors");
    }
    return shard;
  }

  private void checkRange(TensorInfo tensor, float[] values, int from, int count) {
    if (tensor.dtype() == Dtype.F32) {
      return;
    }
    int infinite = tensor.dtype() == Dtype.F16 ? 0x7C00 : 0x7F80;
    for (int i = 0; i < count; i++) {
      if ((block.getShort(2 * i) & 0x7FFF) == infinite && Float.isFinite(values[from + i])) {
        throw new Refused(
            tensor + ": " + values[from + i] + " is too large for this type; choose F32");
      }
    }
  }

  private void checkEmpty() throws IOException {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new Refused(folder + ": is a file; name a folder");
    }
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        if (files.findAny().isPresent()) {
          throw new Refused(folder + ": holds something; name another folder, or remove it");
        }
      }
    }
  }

  private void checkRoom(List<SafetensorsHeader> headers) throws IOException {
    long bytes = headers.stream().mapToLong(SafetensorsHeader::dataBytes).sum();
    long room = Files.getFileStore(folder.getParent()).getUsableSpace();
    if (bytes > room) {
      throw new Refused(
          folder + ": the model has " + bytes + " bytes, but the disk has room for " + room);
    }
  }

  private void removePartial() throws IOException {
    if (Files.exists(partial)) {
      try (Stream<Path> files = Files.list(partial)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(partial);
    }
  }

  private static void force(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true); // Names, too, must survive a power cut.
    }
  }
}
