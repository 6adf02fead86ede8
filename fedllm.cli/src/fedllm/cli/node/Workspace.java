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
 * The product's folder: the sources with what the build put beside them, or a distribution of one
 * role, whose jars lie in {@code lib} and {@code plugins}.
 *
 * @param root where {@code ./fedllm} lies, or the folder above a distribution's {@code bin}
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
    List<String> paths = new ArrayList<>(List.of(classPath("launch")));
    jars(run(role) + ".runpath").forEach(jar -> paths.add(jar.toString()));
    return String.join(File.pathSeparator, paths);
  }

  /** What the program that starts a node takes as its argument. */
  Path run(String role) {
    if (isDistribution() && !Files.exists(root.resolve("lib/" + role + ".bundles"))) {
      throw new Refused("%s is no %s; unpack the archive of one".formatted(root, role));
    }
    return root.resolve(isDistribution() ? "lib" : "launch/generated").resolve(role);
  }

  /** The class path of a project's program. */
  public String classPath(String project) {
    if (isDistribution()) {
      return String.join(
          File.pathSeparator,
          jars(root.resolve("lib/" + project + ".classpath").toString()).stream()
              .map(Path::toString)
              .toList());
    }
    Path made = built(root.resolve(project).resolve("generated/classpath"));
    return lines(made).get(0);
  }

  /** The jars of a list, which names them absolutely or as they lie beside it. */
  private static List<Path> jars(String list) {
    Path file = built(Path.of(list));
    return lines(file).stream().map(file::resolveSibling).toList();
  }

  /** The commands that are there; empty where all are. */
  public List<String> commands() {
    return isDistribution() ? lines(root.resolve("lib/commands")) : List.of();
  }

  /** The product's version. */
  public String version() {
    if (isDistribution()) {
      return lines(root.resolve("VERSION")).get(0);
    }
    return lines(root.resolve("cnf/build.bnd")).stream()
        .filter(line -> line.startsWith("Bundle-Version:"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElseThrow(() -> new Refused("cnf/build.bnd has no Bundle-Version"));
  }

  private boolean isDistribution() {
    return Files.exists(root.resolve("lib/commands"));
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(file + " cannot be read", e);
    }
  }

  /** The logging configuration of every node. */
  public Path logging() {
    return root.resolve(isDistribution() ? "conf/logback.xml" : "launch/etc/logback.xml");
  }

  /** A project's folder. */
  public Path project(String name) {
    return root.resolve(name);
  }

  /** The jars of the platform that plugins take options' types from, as far as they are there. */
  public List<Path> platform() throws IOException {
    if (!isDistribution()) {
      return List.of(built(root.resolve("fedllm.learning/generated/fedllm.learning.jar")));
    }
    try (Stream<Path> jars = Files.list(root.resolve("lib"))) {
      return jars.filter(jar -> jar.getFileName().toString().startsWith("fedllm.learning-"))
          .toList();
    }
  }

  /**
   * The newest build of every plugin of the house; samples of later versions are not among them.
   */
  public List<Path> plugins() throws IOException {
    List<Path> jars = new ArrayList<>();
    for (Path folder : pluginFolders()) {
      if (Files.isDirectory(folder)) {
        try (Stream<Path> files = Files.list(folder)) {
          files.filter(file -> PluginJar.isOfTheHouse(file)).sorted().forEach(jars::add);
        }
      }
    }
    if (jars.isEmpty()) {
      throw new Refused("there is no plugin in " + root + "; in a workspace say ./fedllm build");
    }
    return jars;
  }

  private List<Path> pluginFolders() {
    return isDistribution()
        ? List.of(root.resolve("plugins"))
        : SHELVES.stream().map(shelf -> root.resolve("fedllm." + shelf + "/generated")).toList();
  }

  /** A file that the build makes. */
  public static Path built(Path file) {
    if (!Files.exists(file)) {
      throw new Refused("there is no " + file + "; in a workspace say ./fedllm build");
    }
    return file;
  }
}
