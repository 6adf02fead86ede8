package fedllm.api.codec;

import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ConsumerType;

/** The receiver's half of a codec. */
@ConsumerType
public interface Decoder {

  /**
   * Brings {@code values[0..kept)} back to {@code values[0..count)}.
   *
   * @param side little-endian, exactly the bytes that the encoder wrote; all must be read
   * @throws RuntimeException when the bytes cannot be what an encoder wrote; whoever sent them then
   *     sits out the round
   */
  void decode(ByteBuffer side, float[] values, int kept, int count);
}
