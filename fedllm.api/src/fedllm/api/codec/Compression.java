package fedllm.api.codec;

import java.nio.ByteBuffer;
import org.osgi.annotation.versioning.ConsumerType;

/** Bytes to fewer bytes and back. The caller owns every buffer; all are heap buffers. */
@ConsumerType
public interface Compression {

  /** The most bytes that {@code bytes} bytes become. */
  int maxBytes(int bytes);

  /** Reads all of {@code in}, writes to {@code out}. */
  void compress(ByteBuffer in, ByteBuffer out);

  /**
   * Reads all of {@code in}, writes to {@code out}, and never past its limit.
   *
   * @throws RuntimeException when the bytes are no code, or become more than {@code out} holds
   */
  void decompress(ByteBuffer in, ByteBuffer out);
}
