package fedllm.cli.bundle;

import fedllm.api.error.Refused;
import fedllm.format.Ed25519;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;

/** A publisher's private key in a file: PKCS #8 in PEM, as {@code openssl genpkey} writes it. */
public final class KeyFile {

  private KeyFile() {}

  /** Makes a key in a file that only its owner can read. */
  public static void create(Path file) {
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(file, Ed25519.pem(Ed25519.newPair().getPrivate()));
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be written", e);
    }
  }

  /** Reads a key. */
  public static PrivateKey read(Path file) {
    try {
      return Ed25519.privateKey(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new Refused(file + " cannot be read: " + e, e);
    } catch (IllegalArgumentException e) {
      throw new Refused(
          file + " holds " + e.getMessage() + "; fedllm keys FILE makes one for Ed25519", e);
    }
  }

  /** The public half, in one line. */
  public static String publicText(PrivateKey key) {
    return Ed25519.text(Ed25519.publicOf(key));
  }
}
