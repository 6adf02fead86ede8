package fedllm.runtime.bundle;

import fedllm.api.error.Refused;
import fedllm.format.Ed25519;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.Base64;

/**
 * A publisher's signature over all bytes of a bundle, in a file of one line beside it: {@code
 * ed25519 KEY SIGNATURE}.
 *
 * @param key the public key, in one line of Base64
 * @param signature in Base64
 */
public record Seal(String key, String signature) {

  private static final String SCHEME = "ed25519";
  private static final String ENDING = ".sig";

  /** More than any such line has. */
  private static final int MAX_BYTES = 1 << 12;

  /** A seal that can be checked; it may yet be a wrong one. */
  public Seal {
    key = Ed25519.text(Ed25519.publicKey(key));
    Base64.getDecoder().decode(signature);
  }

  /** Signs a bundle. */
  public static Seal of(PrivateKey key, byte[] bundle) {
    return new Seal(
        Ed25519.text(Ed25519.publicOf(key)),
        Base64.getEncoder().encodeToString(Ed25519.sign(key, bundle)));
  }

  /** Where the signature of a bundle lies. */
  public static Path beside(Path jar) {
    return jar.resolveSibling(jar.getFileName() + ENDING);
  }

  /** The signature beside a bundle, or null where there is none. */
  public static Seal read(Path jar) throws IOException {
    Path file = beside(jar);
    if (!Files.exists(file)) {
      return null;
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new Refused("its signature " + file.getFileName() + " is no line of fedllm sign");
    }
    return parse(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
  }

  /** The signature that a line says. */
  public static Seal parse(String line) {
    String[] words = line.strip().split("\\s+");
    if (words.length == 3 && words[0].equals(SCHEME)) {
      try {
        return new Seal(words[1], words[2]);
      } catch (IllegalArgumentException e) {
        throw new Refused("its signature cannot be read; sign it anew with fedllm sign", e);
      }
    }
    throw new Refused("its signature is not of the form: ed25519 KEY SIGNATURE");
  }

  /** Whether it was made of these bytes by the holder of the key. */
  public boolean fits(byte[] bundle) {
    return Ed25519.verify(Ed25519.publicKey(key), bundle, Base64.getDecoder().decode(signature));
  }

  /** The line. */
  public String line() {
    return SCHEME + " " + key + " " + signature;
  }
}
