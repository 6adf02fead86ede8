package fedllm.build;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Archives that run without the workspace, one for each role: the command line, the framework with
 * its bundles, the role's plugins, examples and units. Lists of jars are as the build writes them,
 * but relative; {@code fedllm.cli.node.Workspace} reads both.
 */
final class Dist {

  /** Where plugins come from; samples are not installed. */
  private static final List<String> SHELVES =
      words("models peft trainers strategies codecs privacy evaluators data");

  private static final Pattern SERVICES = Pattern.compile("objectClass:List<String>=\"([^\"]*)\"");

  /**
   * What a role's archive holds.
   *
   * @param programs projects whose class paths it needs
   * @param commands of the command line
   * @param foreign kinds of plugins that only the other role runs
   * @param engine whether torch belongs to it
   */
  private record Role(
      String name,
      List<String> programs,
      List<String> commands,
      Set<String> foreign,
      boolean engine) {}

  private static final List<Role> ROLES =
      List.of(
          new Role(
              "server",
              words("fedllm.cli fedllm.access"),
              words("server submit shell publish acl methods keys sign approve"),
              Set.of("model", "storage", "peft", "trainer", "objective", "evaluator", "data"),
              false),
          new Role(
              "silo",
              words("fedllm.cli fedllm.preview fedllm.chat fedllm.merge fedllm.evaluate"),
              words("silo shell data chat merge evaluate methods keys sign approve"),
              Set.of("strategy", "optimizer", "planner", "protocol"),
              true));

  private final Path root;
  private final Path out;
  private final boolean torch;
  private final String version;

  /**
   * Of a workspace that is built.
   *
   * @param arguments {@code --out DIR}, {@code --no-torch}
   */
  Dist(Path root, List<String> arguments) throws IOException {
    this.root = root;
    Path folder = root.resolve("fedllm-out/dist");
    boolean with = true;
    for (int i = 0; i < arguments.size(); i++) {
      if (arguments.get(i).equals("--no-torch")) {
        with = false;
      } else if (arguments.get(i).equals("--out") && i + 1 < arguments.size()) {
        folder = Path.of(arguments.get(++i)).toAbsolutePath().normalize();
      } else {
        throw new Failure("dist does not know " + arguments.get(i) + " (--out DIR, --no-torch)");
      }
    }
    this.out = Files.createDirectories(folder);
    this.torch = with;
    this.version = version(root);
  }

  /** The same without a build, for tests: the folder of the workspace, then as above. */
  public static void main(String[] args) throws Exception {
    try {
      new Dist(Path.of(args[0]).toRealPath(), List.of(args).subList(1, args.length)).write();
    } catch (Failure e) {
      System.err.println("fedllm: " + e.getMessage());
      System.exit(1);
    }
  }

  private static String version(Path root) throws IOException {
    return Files.readAllLines(root.resolve("cnf/build.bnd")).stream()
        .filter(line -> line.startsWith("Bundle-Version:"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElseThrow(() -> new Failure("cnf/build.bnd has no Bundle-Version"));
  }

  /** Writes an archive for each role, and their hashes as sha256sum reads them. */
  void write() throws Exception {
    List<String> sums = new ArrayList<>();
    for (Role role : ROLES) {
      String name = "fedllm-" + role.name + "-" + version;
      Path file = out.resolve(name + ".tar.gz");
      String sha256 = new Archive(contents(role)).write(file, name);
      sums.add(sha256 + "  " + file.getFileName());
      System.out.printf("%s  %,d bytes%n", file, Files.size(file));
    }
    Files.write(out.resolve("SHA256SUMS"), sums);
    sums.forEach(System.out::println);
  }

  /** Every file's content by its name in the archive. */
  private SortedMap<String, Content> contents(Role role) throws Exception {
    SortedMap<String, Content> contents = new TreeMap<>();
    contents.put("bin/fedllm", Content.program(root.resolve("launch/dist/fedllm")));
    Path own = root.resolve("launch/dist").resolve(role.name);
    for (Path file : Folders.files(own)) {
      contents.put(own.relativize(file).toString(), Content.of(file));
    }
    contents.put("conf/logback.xml", Content.of(root.resolve("launch/etc/logback.xml")));
    contents.put("LICENSE", Content.of(root.resolve("LICENSE")));
    contents.put("VERSION", Content.of(version + "\n"));
    contents.put("lib/role", Content.of(role.name + "\n"));
    contents.put("lib/commands", Content.of(lines(role.commands)));
    libraries(role, contents);
    for (Path jar : plugins(role)) {
      contents.put("plugins/" + jar.getFileName(), Content.of(jar));
    }
    if (role.engine) {
      contents.put("lib/platform", Content.of(Torch.platform(root) + "\n"));
      if (torch) {
        Torch.unpack(root);
        for (Path library : Folders.files(root.resolve("cnf/cache/torch"))) {
          if (!library.endsWith("complete")) {
            contents.put("torch/" + library.getFileName(), Content.of(library));
          }
        }
      }
    }
    return contents;
  }

  /** Jars, each once, and the lists of them. */
  private void libraries(Role role, Map<String, Content> contents) throws Exception {
    Path made = root.resolve("launch/generated");
    list("launch.classpath", classPath("launch"), contents);
    for (String program : role.programs) {
      list(program + ".classpath", classPath(program), contents);
    }
    for (String kind : List.of("bundles", "runpath")) {
      String name = role.name + "." + kind;
      List<String> jars = Files.readAllLines(made.resolve(name));
      list(name, jars.stream().filter(jar -> !jar.isBlank()).map(Path::of).toList(), contents);
    }
    String properties = role.name + ".properties";
    List<String> lines = // without the date that Java writes
        Files.readAllLines(made.resolve(properties)).stream()
            .filter(line -> !line.startsWith("#"))
            .sorted()
            .toList();
    contents.put("lib/" + properties, Content.of(lines(lines)));
  }

  private List<Path> classPath(String project) throws IOException {
    String made = Files.readString(root.resolve(project).resolve("generated/classpath")).strip();
    return Arrays.stream(made.split(File.pathSeparator)).map(Path::of).toList();
  }

  private void list(String name, List<Path> jars, Map<String, Content> contents)
      throws IOException {
    List<String> names = new ArrayList<>();
    for (Path jar : jars) {
      String library = library(jar, contents);
      if (!names.contains(library)) {
        names.add(library);
      }
    }
    contents.put("lib/" + name, Content.of(lines(names)));
  }

  /** Puts a jar into lib/, or what a project compiled: its bundle where it makes one. */
  private String library(Path jar, Map<String, Content> contents) throws IOException {
    String name = jar.getFileName().toString();
    Content content = Content.of(jar);
    if (jar.startsWith(root)) {
      Path project = root.resolve(root.relativize(jar).subpath(0, 1));
      if (Files.isDirectory(jar)) {
        Path bundle = project.resolve("generated/" + project.getFileName() + ".jar");
        content = Files.exists(bundle) ? Content.of(bundle) : Archive.jar(jar);
        name = project.getFileName() + ".jar";
      }
      name = name.replace(".jar", "-" + version + ".jar");
    }
    Content other = contents.putIfAbsent("lib/" + name, content);
    if (other != null && !other.isSameAs(content)) {
      throw new Failure("two jars are called " + name + ": " + other + " and " + content);
    }
    return name;
  }

  private List<Path> plugins(Role role) throws Exception {
    List<Path> jars = new ArrayList<>();
    for (String shelf : SHELVES) {
      for (Path jar : Folders.files(root.resolve("fedllm." + shelf + "/generated"), ".jar")) {
        Set<String> kinds = kinds(jar);
        kinds.removeAll(role.foreign);
        if (!kinds.isEmpty()) {
          jars.add(jar);
        }
      }
    }
    return jars;
  }

  /** Of which kinds a bundle's services are: the last part of each contract's package. */
  private static Set<String> kinds(Path jar) throws IOException {
    Set<String> kinds = new TreeSet<>();
    try (JarFile bundle = new JarFile(jar.toFile())) {
      Attributes manifest = bundle.getManifest().getMainAttributes();
      if (manifest.getValue("Service-Component") != null) {
        Matcher services = SERVICES.matcher(manifest.getValue("Provide-Capability"));
        while (services.find()) {
          for (String contract : services.group(1).split(",")) {
            String[] parts = contract.split("\\.");
            kinds.add(parts[parts.length - 2]);
          }
        }
      }
    }
    return kinds;
  }

  private static List<String> words(String text) {
    return List.of(text.split(" "));
  }

  private static String lines(List<String> lines) {
    return lines.isEmpty() ? "" : String.join("\n", lines) + "\n";
  }
}
