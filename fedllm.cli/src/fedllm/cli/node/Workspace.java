package fedllm.cli.node;

import fedllm.api.error.Refused;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The product's folder, and what the build put into it.
 *
 * @param root where {@code ./fedllm} lies
 */
public record Workspace(Path root) {

  private static final List<String> SHELVES =
      List.of(
          "models", "peft", "trainers", "strategies", "codecs", "privacy", "evaluators", "data");

  /** The workspace that {@code ./fedllm} says it lies in. */
  public static Workspace here() {
    String root = System.getProperty("fedllm.workspace");
    if (root == null) {
      throw new Refused("the property fedllm.workspace is not set; start with ./fedllm");
    }
    return new Workspace(Path.of(root).toAbsolutePath());
  }

  /** What the program that starts a node needs, and what lies below a node's framework. */
  String nodeClassPath(String role) {
    Path made = root.resolve("launch/generated");
    try {
      List<String> paths = new ArrayList<>();
      paths.add(Files.readString(built(made.resolve("classpath"))).strip());
      paths.addAll(Files.readAllLines(built(made.resolve(role + ".runpath"))));
      paths.removeIf(String::isBlank);
      return String.join(File.pathSeparator, paths);
    } catch (IOException e) {
      throw new UncheckedIOException("the build's list of a node's jars cannot be read", e);
    }
  }

  /** The logging configuration of every node. */
  public Path logging() {
    return root.resolve("launch/etc/logback.xml");
  }

  /** A project's folder. */
  public Path project(String name) {
    return root.resolve(name);
  }

  /**
   * The newest build of every plugin of the house; samples of later versions are not among them.
   */
  public List<Path> plugins() throws IOException {
    List<Path> jars = new ArrayList<>();
    for (String shelf : SHELVES) {
      Path made = root.resolve("fedllm." + shelf + "/generated");
      if (Files.isDirectory(made)) {
        try (Stream<Path> files = Files.list(made)) {
          files.filter(file -> PluginJar.isOfTheHouse(file)).sorted().forEach(jars::add);
        }
      }
    }
    if (jars.isEmpty()) {
      throw new Refused("no plugin is built in " + root + "; say ./fedllm build");
    }
    return jars;
  }

  /** A jar that the build makes. */
  public static Path built(Path jar) {
    if (!Files.exists(jar)) {
      throw new Refused("there is no " + jar + "; say ./fedllm build");
    }
    return jar;
  }
}
