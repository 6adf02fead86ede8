package fedllm.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import fedllm.api.codec.Compression;
import fedllm.api.codec.Compressor;
import fedllm.api.plugin.Options;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What every compressor promises. */
public interface CompressorContract {

  /** The plugin. */
  Compressor compressor();

  /** Its options. */
  default Options options() {
    return TestOptions.none();
  }

  private static List<byte[]> samples() {
    SplittableRandom random = new SplittableRandom(5);
    byte[] noise = new byte[100_000];
    random.nextBytes(noise);
    byte[] words = new byte[100_000];
    for (int i = 0; i < words.length; i++) {
      words[i] = (byte) "federated ".charAt((i + i / 1000) % 10);
    }
    return List.of(
        new byte[0], new byte[] {7}, new byte[100_000], noise, words, Arrays.copyOf(noise, 63));
  }

  /** Buffers that do not begin where their array does, as the runtime's do not. */
  private static ByteBuffer buffer(byte[] bytes, int capacity) {
    ByteBuffer all = ByteBuffer.allocate(capacity + 9);
    all.position(4).put(bytes).position(4);
    return all.slice().position(1).slice().position(0).limit(capacity);
  }

  private static ByteBuffer of(byte[] bytes) {
    ByteBuffer all = ByteBuffer.allocate(bytes.length + 9);
    all.position(4);
    ByteBuffer slice = all.slice();
    slice.position(1).put(bytes).flip().position(1);
    return slice;
  }

  private static byte[] compressed(Compression compression, byte[] bytes) {
    ByteBuffer in = of(bytes);
    ByteBuffer out = buffer(new byte[0], compression.maxBytes(bytes.length));
    compression.compress(in, out);
    assertFalse(in.hasRemaining(), "bytes were left unread");
    byte[] code = new byte[out.flip().remaining()];
    out.get(code);
    return code;
  }

  private static byte[] decompressed(Compression compression, byte[] code, int limit) {
    ByteBuffer in = of(code);
    ByteBuffer out = buffer(new byte[0], limit);
    compression.decompress(in, out);
    assertFalse(in.hasRemaining(), "bytes were left unread");
    byte[] bytes = new byte[out.flip().remaining()];
    out.get(bytes);
    return bytes;
  }

  @Test
  default void decompressesToWhatWasCompressed() {
    for (byte[] bytes : samples()) {
      byte[] code = compressed(compressor().open(options()), bytes);
      assertArrayEquals(bytes, decompressed(compressor().open(options()), code, bytes.length));
    }
  }

  @Test
  default void compressesTheSameToTheSameBytes() {
    Compression used = compressor().open(options());
    for (byte[] bytes : samples()) {
      assertArrayEquals(compressed(used, bytes), compressed(compressor().open(options()), bytes));
    }
  }

  @Test
  default void neverWritesBeyondTheLimit() {
    for (byte[] bytes : samples()) {
      if (bytes.length > 0) {
        byte[] code = compressed(compressor().open(options()), bytes);
        Compression worker = compressor().open(options());
        assertThrows(RuntimeException.class, () -> decompressed(worker, code, bytes.length - 1));
      }
    }
  }

  @Test
  default void brokenBytesDoNoMoreThanThrow() {
    SplittableRandom random = new SplittableRandom(6);
    Compression worker = compressor().open(options());
    byte[] bytes = samples().get(4);
    byte[] whole = compressed(worker, bytes);
    int threw = 0;
    for (int i = 0; i < 300; i++) {
      byte[] code = whole.clone();
      code[random.nextInt(Math.min(code.length, 64))] ^= (byte) (1 << random.nextInt(8));
      if (i % 3 == 0) {
        code = Arrays.copyOf(code, random.nextInt(code.length));
      }
      try {
        byte[] found = decompressed(worker, code, bytes.length);
        assertEquals(true, found.length <= bytes.length);
      } catch (RuntimeException e) {
        threw++;
      }
    }
    assertFalse(threw == 0, "no broken bytes were noticed");
    assertArrayEquals(bytes, decompressed(worker, whole, bytes.length), "it does not recover");
  }
}
