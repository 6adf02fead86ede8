package fedllm.runtime.wire;

import fedllm.api.codec.Compression;
import fedllm.api.codec.Decoder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The receiver's opened chain, codecs first as at the sender. Used by one thread. */
public final class FrameDecoder {

  private final List<String> names;
  private final List<Decoder> decoders;
  private final List<Compression> compressions;
  private ByteBuffer in = ByteBuffer.allocate(0);
  private ByteBuffer out = ByteBuffer.allocate(0);

  /** Links already opened; names as in {@link FrameEncoder}. */
  public FrameDecoder(List<String> names, List<Decoder> decoders, List<Compression> compressions) {
    if (names.size() != decoders.size() + compressions.size()) {
      throw new IllegalArgumentException("a chain of " + names + " has other links");
    }
    this.names = List.copyOf(names);
    this.decoders = List.copyOf(decoders);
    this.compressions = List.copyOf(compressions);
  }

  /** The chain without a link. */
  public static FrameDecoder plain() {
    return new FrameDecoder(List.of(), List.of(), List.of());
  }

  /** The plugins' names, in order. */
  public List<String> names() {
    return names;
  }

  /** The most bytes that follow the length of a frame of {@code count} values. */
  int maxBytes(int count) {
    return 4 * compressions.size()
        + Frames.maxBytes(decoders.size(), compressions, count)[compressions.size()];
  }

  /**
   * Decodes a frame.
   *
   * @param frame all that follows its length; little-endian
   * @param values gets {@code count} values, whatever they are
   * @throws RuntimeException when the bytes are no frame
   */
  void decode(ByteBuffer frame, float[] values, int count) {
    ByteBuffer body = decompress(frame, count);
    int[] left = new int[decoders.size() + 1];
    ByteBuffer[] sides = new ByteBuffer[decoders.size()];
    left[0] = count;
    for (int i = 0; i < sides.length; i++) {
      left[i + 1] = body.getInt();
      int bytes = body.getInt();
      check(left[i + 1] >= 0 && left[i + 1] <= left[i], names.get(i), "its count is out of range");
      check(bytes >= 0 && bytes <= body.remaining(), names.get(i), "its side bytes are cut short");
      sides[i] = body.slice(body.position(), bytes).order(ByteOrder.LITTLE_ENDIAN);
      body.position(body.position() + bytes);
    }
    int last = left[sides.length];
    check(body.remaining() == 4L * last, "the frame", "its values are cut short or too many");
    body.asFloatBuffer().get(values, 0, last);
    for (int i = sides.length - 1; i >= 0; i--) {
      decoders.get(i).decode(sides[i], values, left[i + 1], left[i]);
      check(!sides[i].hasRemaining(), names.get(i), "it left side bytes unread");
    }
  }

  private ByteBuffer decompress(ByteBuffer frame, int count) {
    int[] limits = Frames.maxBytes(decoders.size(), compressions, count);
    int[] sizes = new int[compressions.size()];
    for (int i = sizes.length - 1; i >= 0; i--) {
      sizes[i] = frame.getInt();
      check(sizes[i] >= 0 && sizes[i] <= limits[i], link(i), "its size is out of range");
    }
    ByteBuffer body = frame;
    for (int i = sizes.length - 1; i >= 0; i--) {
      if (out.capacity() < sizes[i]) {
        out = ByteBuffer.allocate(sizes[i]);
      }
      out.clear().limit(sizes[i]);
      compressions.get(i).decompress(body, out);
      check(!body.hasRemaining(), link(i), "it left bytes unread");
      check(!out.hasRemaining(), link(i), "its bytes are cut short");
      body = out.flip().order(ByteOrder.LITTLE_ENDIAN);
      ByteBuffer swap = in;
      in = out;
      out = swap;
    }
    return body;
  }

  private String link(int compression) {
    return names.get(decoders.size() + compression);
  }

  private static void check(boolean right, String who, String what) {
    if (!right) {
      throw new IllegalArgumentException(who + ": " + what);
    }
  }
}
