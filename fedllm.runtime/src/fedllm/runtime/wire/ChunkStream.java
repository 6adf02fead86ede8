package fedllm.runtime.wire;

import fedllm.api.transport.Transport;
import fedllm.format.Dtype;
import fedllm.format.Floats;
import fedllm.format.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;

/** Cuts bytes into chunks, which it gives away, and hashes them as they go. */
final class ChunkStream {

  private final Consumer<byte[]> chunks;
  private final MessageDigest sha256 = Sha256.newDigest();
  private final long expected;
  private final ByteBuffer one = ByteBuffer.allocate(Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private byte[] chunk;
  private int filled;
  private long bytes;
  private int count;

  ChunkStream(long expectedBytes, Consumer<byte[]> chunks) {
    this.chunks = chunks;
    this.expected = expectedBytes;
    this.chunk = newChunk();
  }

  void write(ByteBuffer in) {
    while (in.hasRemaining()) {
      int n = Math.min(in.remaining(), chunk.length - filled);
      in.get(chunk, filled, n);
      filled += n;
      bytes += n;
      if (filled == chunk.length) {
        give(chunk);
        chunk = newChunk();
      }
    }
  }

  /** Writes floats, without a copy between. */
  void write(float[] values, int from, int count) {
    for (int done = 0; done < count; ) {
      int n = Math.min(count - done, (chunk.length - filled) / Float.BYTES);
      int length = n * Float.BYTES;
      if (n == 0) { // the end of the chunk cuts a value in two, or is there
        write(one.clear().putFloat(values[from + done]).flip());
        done++;
        continue;
      }
      ByteBuffer room = ByteBuffer.wrap(chunk, filled, length);
      Floats.write(Dtype.F32, values, from + done, n, room);
      done += n;
      filled += length;
      bytes += length;
      if (filled == chunk.length) {
        give(chunk);
        chunk = newChunk();
      }
    }
  }

  Payload end() {
    if (bytes != expected) {
      throw new IllegalStateException(bytes + " bytes were written, not " + expected);
    }
    if (filled > 0) {
      give(Arrays.copyOf(chunk, filled));
    }
    return new Payload(bytes, count, HexFormat.of().formatHex(sha256.digest()));
  }

  private void give(byte[] full) {
    sha256.update(full);
    count++;
    filled = 0;
    chunks.accept(full);
  }

  private byte[] newChunk() {
    return new byte[(int) Math.min(Transport.CHUNK_BYTES, expected - bytes)];
  }
}
