package fedllm.cli.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.Attributes;
import java.util.jar.JarFile;

/**
 * A plugin's bundle in a file.
 *
 * @param file the jar
 * @param name of the bundle
 * @param version of the bundle
 */
public record PluginJar(Path file, String name, String version) {

  /** Reads a bundle's manifest; null for a jar without services. */
  public static PluginJar read(Path file) throws IOException {
    try (JarFile jar = new JarFile(file.toFile())) {
      Attributes manifest = jar.getManifest().getMainAttributes();
      String name = manifest.getValue("Bundle-SymbolicName");
      if (name == null || manifest.getValue("Service-Component") == null) {
        return null;
      }
      return new PluginJar(
          file, name.split(";", 2)[0].strip(), manifest.getValue("Bundle-Version"));
    }
  }

  /** The build names its jars without a version; samples of other versions carry theirs. */
  static boolean isOfTheHouse(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".jar") && !name.matches(".*-\\d.*");
  }

  /** Puts a copy into a folder that running nodes watch: complete from the moment it is there. */
  public Path copyInto(Path folder) throws IOException {
    Path whole = folder.resolve(name + "-" + version + ".jar");
    Path part = folder.resolve("." + whole.getFileName() + ".part");
    Files.copy(file, part, StandardCopyOption.REPLACE_EXISTING);
    return Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE);
  }
}
