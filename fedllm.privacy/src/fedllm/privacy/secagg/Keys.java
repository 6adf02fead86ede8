package fedllm.privacy.secagg;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a silo keeps to itself for one aggregation, all of it made of one seed, so that whoever
 * comes back in the middle makes the same again: a pair of keys to seal with, another to mask with,
 * the seed of its own mask, and the polynomials by which the last two are shared.
 *
 * @param seed 32 bytes that nobody else knows
 */
record Keys(byte[] seed) {

  /** What a silo advertises: both public keys, and the SHA-256 of its own mask's seed. */
  static final int PUBLIC_BYTES = 3 * 32;

  /** A share of the mask's secret key and one of the own mask's seed, sealed. */
  static final int SEALED_BYTES = 2 * Shamir.SHARE_BYTES + 16;

  private static final int GCM_BITS = 128;

  private byte[] sealing() {
    return Hkdf.key(seed, "sealing key");
  }

  /** The secret that is shared lest its owner drop out. */
  byte[] masking() {
    return Hkdf.key(seed, "masking key");
  }

  /** The secret that is shared to be told if its owner stays. */
  byte[] own() {
    return Hkdf.key(seed, "own mask");
  }

  byte[] publicBytes() {
    byte[] all = Arrays.copyOf(Curve.publicKey(sealing()), PUBLIC_BYTES);
    System.arraycopy(Curve.publicKey(masking()), 0, all, 32, 32);
    System.arraycopy(sha256(own()), 0, all, 64, 32);
    return all;
  }

  private static byte[] sealingKey(byte[] publicBytes) {
    return Arrays.copyOf(publicBytes, 32);
  }

  static byte[] maskingKey(byte[] publicBytes) {
    return Arrays.copyOfRange(publicBytes, 32, 64);
  }

  /** What a silo promised its own mask's seed to be. */
  static boolean isOwn(byte[] own, byte[] publicBytes) {
    return MessageDigest.isEqual(sha256(own), Arrays.copyOfRange(publicBytes, 64, 96));
  }

  /** The key of the mask that two silos share. */
  static byte[] pairMask(byte[] masking, byte[] otherPublicBytes) {
    return Hkdf.key(Curve.agree(masking, maskingKey(otherPublicBytes)), "pair mask");
  }

  /** The key of a silo's own mask. */
  static byte[] ownMask(byte[] own) {
    return Hkdf.key(own, "mask of my own");
  }

  /** Both shares for a holder, sealed so that it alone can open them. */
  byte[] seal(int row, int holder, byte[] holderPublicBytes, int threshold) {
    byte[] shares = new byte[2 * Shamir.SHARE_BYTES];
    put(share(masking(), "of the masking key", threshold, holder), shares, 0);
    put(share(own(), "of the own mask", threshold, holder), shares, Shamir.SHARE_BYTES);
    try {
      return cipher(Cipher.ENCRYPT_MODE, row, holder, holderPublicBytes).doFinal(shares);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES-GCM", e);
    }
  }

  /** What {@link #seal} of another silo put in; null where it is not what that silo sealed. */
  byte[] open(byte[] sealed, int row, byte[] publicBytes, int holder) {
    try {
      return cipher(Cipher.DECRYPT_MODE, row, holder, publicBytes).doFinal(sealed);
    } catch (AEADBadTagException e) {
      return null;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES-GCM", e);
    }
  }

  /** One of the two shares that were sealed together. */
  static byte[] share(byte[] shares, Secrets.Kind kind) {
    int at = kind == Secrets.Kind.MASKING_KEY ? 0 : Shamir.SHARE_BYTES;
    return Arrays.copyOfRange(shares, at, at + Shamir.SHARE_BYTES);
  }

  /** The key is used once, for one text in one direction, so that the nonce can be zero. */
  private Cipher cipher(int mode, int from, int to, byte[] otherPublicBytes)
      throws GeneralSecurityException {
    byte[] agreed = Curve.agree(sealing(), sealingKey(otherPublicBytes));
    byte[] key = Hkdf.key(agreed, "shares of " + from + " for " + to);
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(GCM_BITS, new byte[12]));
    return cipher;
  }

  private BigInteger share(byte[] secret, String purpose, int threshold, int holder) {
    List<BigInteger> coefficients = new ArrayList<>();
    coefficients.add(new BigInteger(1, secret));
    for (int i = 1; i < threshold; i++) {
      byte[] random = Hkdf.bytes(seed, "coefficient " + i + " " + purpose, 48);
      coefficients.add(new BigInteger(1, random).mod(Shamir.OF_32_BYTES.prime()));
    }
    return Shamir.OF_32_BYTES.share(coefficients, holder + 1);
  }

  private static void put(BigInteger share, byte[] out, int at) {
    byte[] bytes = share.toByteArray();
    int count = Math.min(bytes.length, Shamir.SHARE_BYTES);
    System.arraycopy(bytes, bytes.length - count, out, at + Shamir.SHARE_BYTES - count, count);
  }

  static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
