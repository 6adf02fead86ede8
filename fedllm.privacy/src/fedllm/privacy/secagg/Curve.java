package fedllm.privacy.secagg;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import javax.crypto.KeyAgreement;

/** X25519 (RFC 7748) on 32 bytes, as Java 17 computes it. */
final class Curve {

  static final int BYTES = 32;

  private static final String NAME = "X25519";
  private static final byte[] BASE_POINT = new byte[BYTES];

  static {
    BASE_POINT[0] = 9;
  }

  private Curve() {}

  static byte[] publicKey(byte[] secret) {
    return agree(secret, BASE_POINT);
  }

  /**
   * What two agree on, each by its own secret and the other's public key.
   *
   * @throws IllegalArgumentException where the public key is none
   */
  static byte[] agree(byte[] secret, byte[] publicKey) {
    try {
      KeyFactory keys = KeyFactory.getInstance(NAME);
      KeyAgreement agreement = KeyAgreement.getInstance(NAME);
      agreement.init(
          keys.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, secret)));
      agreement.doPhase(
          keys.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, u(publicKey))), true);
      return agreement.generateSecret();
    } catch (InvalidKeyException e) {
      throw new IllegalArgumentException("this is no public key of X25519", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has X25519", e);
    }
  }

  /** Little-endian, the highest bit passed over, as the RFC has it. */
  private static BigInteger u(byte[] key) {
    byte[] bigEndian = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      bigEndian[BYTES - 1 - i] = key[i];
    }
    bigEndian[0] &= 0x7F;
    return new BigInteger(1, bigEndian);
  }
}
