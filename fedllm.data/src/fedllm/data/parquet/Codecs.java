package fedllm.data.parquet;

import com.github.luben.zstd.Zstd;
import fedllm.api.error.SitsOut;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.GZIPInputStream;
import net.jpountz.lz4.LZ4Factory;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.xerial.snappy.Snappy;

/** Unpacks pages without Hadoop's codecs. */
final class Codecs implements CompressionCodecFactory {

  /** A page is 1 MB by custom; what says that it is more than this lies. */
  private static final int MAX_PAGE = 1 << 28;

  /** Unpacks one page into as many bytes as it had. */
  private interface Unpack {
    void unpack(byte[] packed, byte[] out) throws IOException;
  }

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName name) {
    return switch (name) {
      case UNCOMPRESSED -> new Decompressor(Codecs::copy);
      case SNAPPY -> new Decompressor(Codecs::snappy);
      case GZIP -> new Decompressor(Codecs::gzip);
      case ZSTD -> new Decompressor(Codecs::zstd);
      case LZ4_RAW -> new Decompressor(Codecs::lz4);
      default ->
          throw new SitsOut(
              "it is compressed by "
                  + name
                  + "; write it with zstd, snappy, gzip, LZ4_RAW or without compression");
    };
  }

  private static void copy(byte[] packed, byte[] out) throws IOException {
    same(packed.length, out);
    System.arraycopy(packed, 0, out, 0, out.length);
  }

  private static void snappy(byte[] packed, byte[] out) throws IOException {
    same(Snappy.uncompressedLength(packed), out);
    Snappy.uncompress(packed, 0, packed.length, out, 0);
  }

  private static void gzip(byte[] packed, byte[] out) throws IOException {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
      same(in.readNBytes(out, 0, out.length), out);
    }
  }

  private static void zstd(byte[] packed, byte[] out) throws IOException {
    long length = Zstd.decompress(out, packed);
    same(Zstd.isError(length) ? -1 : length, out);
  }

  private static void lz4(byte[] packed, byte[] out) throws IOException {
    same(LZ4Factory.safeInstance().safeDecompressor().decompress(packed, out), out);
  }

  private static void same(long length, byte[] out) throws IOException {
    if (length != out.length) {
      throw new IOException("a page has " + length + " bytes and should have " + out.length);
    }
  }

  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName name) {
    throw new UnsupportedOperationException("this only reads");
  }

  @Override
  public void release() {
    // nothing is kept
  }

  private record Decompressor(Unpack how) implements BytesInputDecompressor {

    @Override
    public BytesInput decompress(BytesInput bytes, int size) throws IOException {
      return BytesInput.from(unpacked(bytes.toInputStream().readAllBytes(), size));
    }

    private byte[] unpacked(byte[] packed, int size) throws IOException {
      if (size < 0 || size > MAX_PAGE) {
        throw new IOException("a page of " + size + " bytes");
      }
      byte[] out = new byte[size];
      if (size > 0) {
        how.unpack(packed, out);
      }
      return out;
    }

    @Override
    public void decompress(ByteBuffer in, int packed, ByteBuffer out, int size) throws IOException {
      byte[] bytes = new byte[packed];
      in.get(bytes);
      out.put(unpacked(bytes, size));
    }

    @Override
    public void release() {
      // nothing is kept
    }
  }
}
