package fedllm.runtime.wire;

import fedllm.api.codec.Compression;
import fedllm.api.codec.Encoder;
import fedllm.api.tensor.Unit;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The sender's opened chain: first the codecs, then the compressions. Used by one thread. */
public final class FrameEncoder {

  private final List<String> names;
  private final List<Encoder> encoders;
  private final List<Compression> compressions;
  private ByteBuffer in = buffer(0);
  private ByteBuffer out = buffer(0);

  /**
   * Links already opened.
   *
   * @param names of all links' plugins, codecs first; they travel, so that nobody decodes with
   *     others
   */
  public FrameEncoder(List<String> names, List<Encoder> encoders, List<Compression> compressions) {
    if (names.size() != encoders.size() + compressions.size()) {
      throw new IllegalArgumentException("a chain of " + names + " has other links");
    }
    this.names = List.copyOf(names);
    this.encoders = List.copyOf(encoders);
    this.compressions = List.copyOf(compressions);
  }

  /** The chain without a link: values travel as they are, without frames. */
  public static FrameEncoder plain() {
    return new FrameEncoder(List.of(), List.of(), List.of());
  }

  /** The plugins' names, in order. */
  public List<String> names() {
    return names;
  }

  /**
   * Encodes a block.
   *
   * @param values changed
   * @return the frame, in a buffer that the next call reuses
   */
  ByteBuffer encode(int round, Unit unit, float[] values) {
    int[] limits = Frames.maxBytes(encoders.size(), compressions, unit.length());
    int prefix = 4 + 4 * compressions.size();
    in = room(in, prefix + limits[0]);
    in.position(prefix);
    int left = unit.length();
    for (int i = 0; i < encoders.size(); i++) {
      left = encode(i, round, unit, values, left);
    }
    in.asFloatBuffer().put(values, 0, left);
    in.position(in.position() + 4 * left).flip().position(prefix);
    int[] sizes = new int[compressions.size()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = in.remaining();
      out = room(out, prefix + limits[i + 1]);
      out.position(prefix);
      compressions.get(i).compress(in, out);
      if (in.hasRemaining()) {
        throw new IllegalStateException(names.get(encoders.size() + i) + " left bytes unread");
      }
      out.flip().position(prefix);
      ByteBuffer swap = in;
      in = out;
      out = swap;
    }
    in.position(0).putInt(in.limit() - 4);
    for (int i = sizes.length - 1; i >= 0; i--) {
      in.putInt(sizes[i]);
    }
    return in.position(0);
  }

  private int encode(int link, int round, Unit unit, float[] values, int count) {
    Encoder encoder = encoders.get(link);
    int max = encoder.maxSideBytes(count);
    if (max > Frames.maxSideBytes(count)) {
      throw new IllegalStateException(
          names.get(link) + " wants " + max + " side bytes for " + count + " values");
    }
    int head = in.position();
    ByteBuffer side = in.slice(head + 8, max).order(ByteOrder.LITTLE_ENDIAN);
    int left = encoder.encode(round, unit, values, count, side);
    if (left < 0 || left > count) {
      throw new IllegalStateException(
          names.get(link) + " made " + left + " of " + count + " values");
    }
    in.putInt(left).putInt(side.position()).position(head + 8 + side.position());
    return left;
  }

  private static ByteBuffer room(ByteBuffer old, int bytes) {
    return old.capacity() < bytes ? buffer(bytes) : old.clear();
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
