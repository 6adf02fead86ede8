package fedllm.runtime.wire;

import fedllm.api.codec.Compression;
import java.util.List;

/**
 * What both ends know about frames. A frame is one column block, coded; it decodes alone.
 *
 * <p>Wire form, all numbers 32 bits little-endian: how many bytes follow; for each compression,
 * last to first, how many bytes come out of it; the compressed body. The body: for each codec in
 * order, how many values it left, how many side bytes it wrote, and these; then the values left by
 * the last codec, as floats.
 */
final class Frames {

  /** The most side bytes that one codec may write for {@code count} values. */
  static long maxSideBytes(int count) {
    return 1024 + 8L * count;
  }

  /** The most bytes that come out of each compression and, first, of the codecs. */
  static int[] maxBytes(int codecs, List<Compression> compressions, int count) {
    int[] sizes = new int[compressions.size() + 1];
    sizes[0] = Math.toIntExact(codecs * (8 + maxSideBytes(count)) + 4L * count);
    for (int i = 0; i < compressions.size(); i++) {
      sizes[i + 1] = compressions.get(i).maxBytes(sizes[i]);
    }
    return sizes;
  }

  private Frames() {}
}
