package fedllm.runtime.bundle;

import fedllm.api.error.Refused;
import fedllm.format.Sha256;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarInputStream;
import java.util.jar.Manifest;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;

/** A plugin's bundle: its bytes, and the signature that came with them. */
public final class PluginBundle {

  /** The most that a bundle may have: one is held in memory while it is checked. */
  public static final int MAX_BYTES = 32 << 20;

  private final byte[] bytes;
  private final Seal seal;
  private final String sha256;
  private Identity identity;

  /**
   * What a bundle's manifest says that it is.
   *
   * @param name its symbolic name
   */
  public record Identity(String name, Version version) {
    @Override
    public String toString() {
      return name + " " + version;
    }
  }

  /**
   * Of bytes that stay as they are.
   *
   * @param seal null where nobody signed it
   */
  public PluginBundle(byte[] bytes, Seal seal) {
    this.bytes = bytes;
    this.seal = seal;
    this.sha256 = Sha256.hex(bytes);
  }

  /** Reads a jar, and the signature that lies beside it. */
  public static PluginBundle read(Path jar) throws IOException {
    if (Files.size(jar) > MAX_BYTES) {
      throw new Refused(
          "%s has %d bytes; a plugin's bundle has at most %d"
              .formatted(jar.getFileName(), Files.size(jar), MAX_BYTES));
    }
    return new PluginBundle(Files.readAllBytes(jar), Seal.read(jar));
  }

  /** Its bytes, which nobody may change. */
  public byte[] bytes() {
    return bytes;
  }

  /** Null where nobody signed it. */
  public Seal seal() {
    return seal;
  }

  /** Of its bytes, in hex. */
  public String sha256() {
    return sha256;
  }

  /**
   * Reads its manifest, which nobody should ask for before the bytes are known to be trusted.
   *
   * @throws Refused when it is no bundle
   */
  public Identity identity() {
    if (identity == null) {
      identity = parse();
    }
    return identity;
  }

  private Identity parse() {
    try (JarInputStream jar = new JarInputStream(new ByteArrayInputStream(bytes), false)) {
      Manifest manifest = jar.getManifest();
      String name =
          manifest == null
              ? null
              : manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME);
      if (name == null) {
        throw new Refused(
            "it is no bundle: its first entry is no manifest with a Bundle-SymbolicName");
      }
      String version = manifest.getMainAttributes().getValue(Constants.BUNDLE_VERSION);
      return new Identity(name.split(";", 2)[0].strip(), Version.parseVersion(version));
    } catch (IOException | IllegalArgumentException e) {
      throw new Refused("it is no bundle: " + e.getMessage(), e);
    }
  }
}
