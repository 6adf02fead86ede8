package fedllm.itest;

import fedllm.cli.node.PluginJar;
import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The jars of the house, and the samples. */
final class Jars {

  private Jars() {}

  /** A plugin's jar as the build made it. */
  static PluginJar house(String bundle) {
    return read(bundle.substring(0, bundle.lastIndexOf('.')), bundle + ".jar");
  }

  /** Another version of a plugin of the house. */
  static PluginJar sample(String bundle) {
    return read("fedllm.samples", bundle + "-0.2.0.jar");
  }

  private static PluginJar read(String project, String jar) {
    Path made = Workspace.here().project(project).resolve("generated").resolve(jar);
    try {
      return PluginJar.read(Workspace.built(made));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path drop(PluginJar jar, Path folder) {
    try {
      return jar.copyInto(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void takeOut(Path jar) {
    try {
      Files.delete(jar);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
