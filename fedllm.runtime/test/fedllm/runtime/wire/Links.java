package fedllm.runtime.wire;

import fedllm.api.codec.Compression;
import fedllm.api.codec.Decoder;
import fedllm.api.codec.Encoder;
import fedllm.api.tensor.Unit;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** A lossless chain of the plainest links, one of each sort. */
final class Links {

  private Links() {}

  static FrameEncoder encoder(boolean plain) {
    return plain
        ? FrameEncoder.plain()
        : new FrameEncoder(
            List.of("nonzero", "negate", "deflate"),
            List.of(new NonZero(), new Negate()),
            List.of(new Deflate()));
  }

  static FrameDecoder decoder(boolean plain) {
    return plain
        ? FrameDecoder.plain()
        : new FrameDecoder(
            List.of("nonzero", "negate", "deflate"),
            List.of(new NonZero(), new Negate()),
            List.of(new Deflate()));
  }

  /** Drops zeros; the side says with a bit for each value which are left. */
  static final class NonZero implements Encoder, Decoder {

    @Override
    public int maxSideBytes(int count) {
      return (count + 7) / 8;
    }

    @Override
    public int encode(int round, Unit unit, float[] values, int count, ByteBuffer side) {
      int kept = 0;
      for (int i = 0; i < count; i += 8) {
        int bits = 0;
        for (int j = 0; j < 8 && i + j < count; j++) {
          float value = values[i + j];
          if (Float.floatToRawIntBits(value) != 0) {
            bits |= 1 << j;
            values[kept++] = value;
          }
        }
        side.put((byte) bits);
      }
      return kept;
    }

    @Override
    public void decode(ByteBuffer side, float[] values, int kept, int count) {
      int from = kept;
      for (int i = count - 1; i >= 0; i--) {
        boolean there = (side.get(i / 8) >> i % 8 & 1) == 1;
        values[i] = there ? values[--from] : 0;
      }
      if (from != 0) {
        throw new IllegalArgumentException("more values than bits");
      }
      side.position(side.limit());
    }
  }

  /** Changes every sign; without a side. */
  static final class Negate implements Encoder, Decoder {

    @Override
    public int maxSideBytes(int count) {
      return 0;
    }

    @Override
    public int encode(int round, Unit unit, float[] values, int count, ByteBuffer side) {
      for (int i = 0; i < count; i++) {
        values[i] = -values[i];
      }
      return count;
    }

    @Override
    public void decode(ByteBuffer side, float[] values, int kept, int count) {
      if (kept != count) {
        throw new IllegalArgumentException("values are missing");
      }
      for (int i = 0; i < count; i++) {
        values[i] = -values[i];
      }
    }
  }

  static final class Deflate implements Compression {

    @Override
    public int maxBytes(int bytes) {
      return bytes + bytes / 1000 + 64;
    }

    @Override
    public void compress(ByteBuffer in, ByteBuffer out) {
      Deflater deflater = new Deflater(1);
      try {
        deflater.setInput(in);
        deflater.finish();
        while (!deflater.finished()) {
          deflater.deflate(out);
        }
      } finally {
        deflater.end();
      }
    }

    @Override
    public void decompress(ByteBuffer in, ByteBuffer out) {
      Inflater inflater = new Inflater();
      try {
        inflater.setInput(in);
        while (!inflater.finished()) {
          if (inflater.inflate(out) == 0 && !inflater.finished()) {
            throw new IllegalArgumentException("the bytes are no code, or become too many");
          }
        }
      } catch (DataFormatException e) {
        throw new IllegalArgumentException("the bytes are no code", e);
      } finally {
        inflater.end();
      }
    }
  }
}
