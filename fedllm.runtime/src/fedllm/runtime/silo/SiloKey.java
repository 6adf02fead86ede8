package fedllm.runtime.silo;

import fedllm.api.error.Refused;
import fedllm.format.Ed25519;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;

/**
 * The key that a silo signs its updates with. It never leaves the silo: its public half does, each
 * time the silo joins.
 */
public record SiloKey(PrivateKey secret) {

  /** Its file in the silo's state. */
  static final String FILE = "silo.key";

  private static final String MINE_ALONE = "rw-------";

  /** The key of a silo, made where there is none; only the owner of the file may read it. */
  public static SiloKey in(Path state) {
    Path file = state.resolve(FILE);
    try {
      if (!Files.exists(file)) {
        make(file);
      }
      String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
      if (!mode.endsWith("------")) {
        throw new Refused(
            file + " may be read by others (" + mode + "), who could sign as this silo: chmod 600");
      }
      return new SiloKey(Ed25519.privateKey(Files.readString(file, StandardCharsets.ISO_8859_1)));
    } catch (IllegalArgumentException e) {
      throw new Refused(
          file
              + " holds "
              + e.getMessage()
              + "; put the silo's own key back. Without the file a new key is made, which the"
              + " server's administrator has to accept");
    } catch (IOException e) {
      throw new Refused(file + ", the silo's key, cannot be used: " + e, e);
    }
  }

  /** Whole or not at all. */
  private static void make(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Path part = file.resolveSibling("." + FILE + ".part");
    Files.deleteIfExists(part);
    Files.createFile(
        part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(MINE_ALONE)));
    Files.writeString(part, Ed25519.pem(Ed25519.newPair().getPrivate()));
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The half that everybody may know, in a line. */
  public String shown() {
    return Ed25519.text(Ed25519.publicOf(secret));
  }

  /** Shows nothing of the secret. */
  @Override
  public String toString() {
    return shown();
  }
}
