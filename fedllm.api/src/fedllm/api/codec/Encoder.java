package fedllm.api.codec;

import fedllm.api.tensor.Unit;
import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ConsumerType;

/** The sender's half of a codec. The caller owns every buffer. */
@ConsumerType
public interface Encoder {

  /** The most bytes that {@link #encode} writes to the side for {@code count} values. */
  int maxSideBytes(int count);

  /**
   * Encodes {@code values[0..count)}.
   *
   * @param round the round, for random numbers
   * @param unit which values these are; earlier links may have left fewer than its length
   * @param values in: what to encode; out: what the next link carries, from index 0 on
   * @param side little-endian, with room for {@link #maxSideBytes}
   * @return how many values are left in {@code values}
   */
  int encode(int round, Unit unit, float[] values, int count, ByteBuffer side);
}
