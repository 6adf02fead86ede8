package fedllm.format;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/**
 * Keys and signatures by Ed25519 (RFC 8032), as other tools read them: a private key is PKCS #8 in
 * PEM, a public key the one line between the two of its PEM, 60 characters of Base64.
 */
public final class Ed25519 {

  private static final String NAME = "Ed25519";
  private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String END = "-----END PRIVATE KEY-----";

  private Ed25519() {}

  /** A new pair, by the system's random numbers. */
  public static KeyPair newPair() {
    return pair(new SecureRandom());
  }

  private static KeyPair pair(SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(NAME);
      generator.initialize(NamedParameterSpec.ED25519, random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + NAME, e);
    }
  }

  /** A private key as PEM. */
  public static String pem(PrivateKey key) {
    Base64.Encoder lines = Base64.getMimeEncoder(64, new byte[] {'\n'});
    return BEGIN + "\n" + lines.encodeToString(key.getEncoded()) + "\n" + END + "\n";
  }

  /**
   * A private key of PEM.
   *
   * @throws IllegalArgumentException when it is none; the message repeats nothing of it
   */
  public static PrivateKey privateKey(String pem) {
    int begin = pem.indexOf(BEGIN);
    int end = pem.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IllegalArgumentException("no unencrypted PRIVATE KEY in PEM");
    }
    try {
      byte[] encoded = Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN.length(), end));
      return KeyFactory.getInstance(NAME).generatePrivate(new PKCS8EncodedKeySpec(encoded));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IllegalArgumentException("the PRIVATE KEY is not one for " + NAME);
    }
  }

  /** The public key that belongs to a private one. */
  public static PublicKey publicOf(PrivateKey key) {
    byte[] seed = ((EdECPrivateKey) key).getBytes().orElseThrow();
    return pair(new Seed(seed)).getPublic();
  }

  /** A public key in one line. */
  public static String text(PublicKey key) {
    return Base64.getEncoder().encodeToString(key.getEncoded());
  }

  /**
   * The public key of such a line.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static PublicKey publicKey(String text) {
    try {
      byte[] encoded = Base64.getDecoder().decode(text);
      return KeyFactory.getInstance(NAME).generatePublic(new X509EncodedKeySpec(encoded));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IllegalArgumentException(text + " is no public key of " + NAME, e);
    }
  }

  /** A signature, 64 bytes; the same for the same bytes. */
  public static byte[] sign(PrivateKey key, byte[] bytes) {
    try {
      Signature signature = Signature.getInstance(NAME);
      signature.initSign(key);
      signature.update(bytes);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key of " + NAME + " signs anything", e);
    }
  }

  /** Whether a signature of these bytes is by the holder of a key. */
  public static boolean verify(PublicKey key, byte[] bytes, byte[] signature) {
    try {
      Signature check = Signature.getInstance(NAME);
      check.initVerify(key);
      check.update(bytes);
      return check.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // of another length, or no point of the curve
    }
  }

  /** Java derives a public key only while it makes a pair, of 32 bytes that it draws. */
  private static final class Seed extends SecureRandom {

    private static final long serialVersionUID = 1L;

    private final byte[] seed;

    Seed(byte[] seed) {
      this.seed = seed.clone();
    }

    @Override
    public void nextBytes(byte[] bytes) {
      System.arraycopy(seed, 0, bytes, 0, bytes.length);
    }
  }
}
