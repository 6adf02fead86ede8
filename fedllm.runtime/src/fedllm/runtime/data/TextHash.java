package fedllm.runtime.data;

import fedllm.api.data.Example;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.stream.Stream;

/**
 * The first 16 bytes of SHA-256 over an example's prompt, a zero byte and its answer, in UTF-8; or
 * over the role, a byte 1, the text and a zero byte of each turn; or over what was chosen, a byte 2
 * and what was rejected.
 *
 * @param high the first 8 bytes, big-endian
 * @param low the next 8 bytes
 */
record TextHash(long high, long low) {

  static TextHash of(Example example) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (String part : parts(example)) {
        digest.update(part.getBytes(StandardCharsets.UTF_8));
      }
      ByteBuffer hash = ByteBuffer.wrap(digest.digest());
      return new TextHash(hash.getLong(), hash.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  private static List<String> parts(Example example) {
    if (example instanceof Example.Text text) {
      return List.of(text.prompt(), "\0", text.answer());
    }
    if (example instanceof Example.Conversation conversation) {
      return conversation.turns().stream()
          .flatMap(turn -> Stream.of(turn.role().word(), "\1", turn.text(), "\0"))
          .toList();
    }
    if (example instanceof Example.Preference pair) {
      return Stream.of(parts(pair.chosen()), List.of("\2"), parts(pair.rejected()))
          .flatMap(List::stream)
          .toList();
    }
    throw new IllegalArgumentException("files hold no ids");
  }

  /** Where the text lies in [0, 1), the same in any order and on any machine. */
  double position() {
    return (high >>> 11) * 0x1p-53;
  }
}
