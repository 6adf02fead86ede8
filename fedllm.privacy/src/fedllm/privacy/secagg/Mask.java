package fedllm.privacy.secagg;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A stream of ring elements that looks like noise to whoever lacks the key: AES-256 in counter
 * mode, four little-endian elements a block, element i in block {@code i div 4}.
 */
final class Mask {

  private static final int PIECE = 1 << 14;
  private static final byte[] ZEROS = new byte[4 * PIECE];

  private final byte[] bytes = new byte[4 * PIECE];
  private final int[] noise = new int[PIECE];

  /** Adds a key's elements from {@code from} on to {@code sums}, or takes them away. */
  void add(byte[] key, long from, int[] sums, boolean plus) {
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      byte[] counter = ByteBuffer.allocate(16).putLong(8, from / 4).array();
      cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(counter));
      cipher.update(ZEROS, 0, 4 * (int) (from % 4), bytes);
      for (int at = 0; at < sums.length; at += PIECE) {
        int count = Math.min(PIECE, sums.length - at);
        cipher.update(ZEROS, 0, 4 * count, bytes);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(noise, 0, count);
        add(noise, count, sums, at, plus);
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES in counter mode", e);
    }
  }

  private static void add(int[] noise, int count, int[] sums, int at, boolean plus) {
    if (plus) {
      for (int i = 0; i < count; i++) {
        sums[at + i] += noise[i];
      }
    } else {
      for (int i = 0; i < count; i++) {
        sums[at + i] -= noise[i];
      }
    }
  }
}
