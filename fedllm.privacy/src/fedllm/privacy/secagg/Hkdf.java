package fedllm.privacy.secagg;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HKDF with HMAC-SHA256 (RFC 5869), which Java 17 lacks. */
final class Hkdf {

  private static final int HASH = 32;

  private Hkdf() {}

  /** 32 bytes out of a secret, for one purpose. */
  static byte[] key(byte[] secret, String purpose) {
    return bytes(secret, purpose, HASH);
  }

  /** Bytes out of a secret, for one purpose. */
  static byte[] bytes(byte[] secret, String purpose, int count) {
    byte[] info = ("fedllm.secagg " + purpose).getBytes(StandardCharsets.UTF_8);
    return expand(extract(new byte[HASH], secret), info, count);
  }

  static byte[] extract(byte[] salt, byte[] secret) {
    return hmac(salt.length == 0 ? new byte[HASH] : salt, secret);
  }

  static byte[] expand(byte[] key, byte[] info, int count) {
    byte[] all = new byte[count];
    byte[] block = new byte[0];
    for (int at = 0, i = 1; at < count; at += HASH, i++) {
      byte[] text = Arrays.copyOf(block, block.length + info.length + 1);
      System.arraycopy(info, 0, text, block.length, info.length);
      text[text.length - 1] = (byte) i;
      block = hmac(key, text);
      System.arraycopy(block, 0, all, at, Math.min(HASH, count - at));
    }
    return all;
  }

  private static byte[] hmac(byte[] key, byte[] text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC-SHA256", e);
    }
  }
}
