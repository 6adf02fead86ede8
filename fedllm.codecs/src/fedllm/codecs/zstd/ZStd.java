package fedllm.codecs.zstd;

import com.github.luben.zstd.Zstd;
import fedllm.api.codec.Compression;
import fedllm.api.codec.Compressor;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Trait;
import java.nio.ByteBuffer;
import org.osgi.service.component.annotations.Component;

/** Zstandard on each frame. Wire form: one Zstandard frame. */
@Component
@Plugin(
    name = "zstd",
    does = "Zstandard, lossless",
    paper = "RFC 8878",
    options = ZStd.Config.class,
    is = Trait.LOSSLESS)
public final class ZStd implements Compressor {

  /** Options. */
  public @interface Config {
    /** From fast to small. */
    @Range(min = 1, max = 19)
    int level() default 3;
  }

  @Override
  public Compression open(Options options) {
    int level = options.as(Config.class).level();
    return new Compression() {
      @Override
      public int maxBytes(int bytes) {
        return Math.toIntExact(Zstd.compressBound(bytes));
      }

      @Override
      public void compress(ByteBuffer in, ByteBuffer out) {
        long written =
            Zstd.compressByteArray(
                out.array(),
                out.arrayOffset() + out.position(),
                out.remaining(),
                in.array(),
                in.arrayOffset() + in.position(),
                in.remaining(),
                level);
        finish(written, in, out);
      }

      @Override
      public void decompress(ByteBuffer in, ByteBuffer out) {
        long written =
            Zstd.decompressByteArray(
                out.array(),
                out.arrayOffset() + out.position(),
                out.remaining(),
                in.array(),
                in.arrayOffset() + in.position(),
                in.remaining());
        finish(written, in, out);
      }
    };
  }

  private static void finish(long written, ByteBuffer in, ByteBuffer out) {
    if (Zstd.isError(written)) {
      throw new IllegalArgumentException("zstd: " + Zstd.getErrorName(written));
    }
    in.position(in.limit());
    out.position(out.position() + (int) written);
  }
}
