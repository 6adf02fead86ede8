package fedllm.runtime.data;

import fedllm.api.data.Example;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The first 16 bytes of SHA-256 over an example's prompt, a zero byte and its answer, in UTF-8.
 *
 * @param high the first 8 bytes, big-endian
 * @param low the next 8 bytes
 */
record TextHash(long high, long low) {

  static TextHash of(Example.Text example) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(example.prompt().getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      digest.update(example.answer().getBytes(StandardCharsets.UTF_8));
      ByteBuffer hash = ByteBuffer.wrap(digest.digest());
      return new TextHash(hash.getLong(), hash.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Where the text lies in [0, 1), the same in any order and on any machine. */
  double position() {
    return (high >>> 11) * 0x1p-53;
  }
}
