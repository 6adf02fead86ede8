package fedllm.runtime.wire;

import fedllm.api.transport.Transport;
import fedllm.format.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Consumer;

/** Cuts bytes into chunks, which it gives away, and hashes them as they go. */
final class ChunkStream {

  private final Consumer<byte[]> chunks;
  private final MessageDigest sha256 = Sha256.newDigest();
  private final long expected;
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
