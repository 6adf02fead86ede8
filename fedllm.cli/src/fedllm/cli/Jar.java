package fedllm.cli;

import fedllm.api.error.Refused;
import fedllm.runtime.bundle.PluginBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A bundle that somebody names on the command line. */
final class Jar {

  private Jar() {}

  /** Without the signature that may lie beside it; fails by the file's name if it is no bundle. */
  static PluginBundle readUnsigned(Path jar) {
    try {
      PluginBundle bundle = new PluginBundle(Files.readAllBytes(jar), null);
      bundle.identity();
      return bundle;
    } catch (IOException e) {
      throw new Refused(jar + " cannot be read: " + e, e);
    } catch (Refused e) {
      throw new Refused(jar + ": " + e.getMessage(), e);
    }
  }

  /** With its signature; fails by the file's name if anything is wrong with either. */
  static PluginBundle read(Path jar) {
    readUnsigned(jar);
    try {
      PluginBundle bundle = PluginBundle.read(jar);
      if (bundle.seal() != null && !bundle.seal().fits(bundle.bytes())) {
        throw new Refused("its signature does not fit its bytes; sign it anew");
      }
      return bundle;
    } catch (IOException e) {
      throw new Refused(jar + " cannot be read: " + e, e);
    } catch (Refused e) {
      throw new Refused(jar + ": " + e.getMessage(), e);
    }
  }
}
