package fedllm.build;

import aQute.bnd.build.Project;
import aQute.bnd.build.Workspace;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Builds, tests and formats the workspace. {@code ../../fedllm} starts it. */
public final class Build {

  private static final String USAGE =
      "build | test | format | resolve | clean, then projects; dist";

  private final Path root;
  private final Map<String, Unit> units = new LinkedHashMap<>();

  private Build(Path root) {
    this.root = root;
  }

  public static void main(String[] args) throws Exception {
    Path root = Path.of(System.getProperty("fedllm.workspace")).toRealPath();
    List<String> rest = args.length == 0 ? List.of() : List.of(args).subList(1, args.length);
    long started = System.nanoTime();
    boolean good;
    try (FileChannel file = lockFile(root);
        FileLock lock = lock(file)) {
      good = new Build(root).run(args.length == 0 ? "build" : args[0], rest);
    } catch (Failure f) {
      System.err.println("fedllm: " + f.getMessage());
      System.err.printf("fedllm: failed after %.1f s%n", seconds(started));
      good = false;
    }
    System.exit(good ? 0 : 1);
  }

  static double seconds(long sinceNanos) {
    return (System.nanoTime() - sinceNanos) / 1e9;
  }

  private static FileChannel lockFile(Path root) throws IOException {
    Path file = Files.createDirectories(root.resolve("cnf/cache")).resolve("lock");
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /** Two builds of one workspace queue. */
  private static FileLock lock(FileChannel file) throws IOException {
    FileLock lock = file.tryLock();
    if (lock == null) {
      System.err.println("fedllm: waiting for another build of this workspace");
      lock = file.lock();
    }
    return lock;
  }

  private boolean run(String command, List<String> names) throws Exception {
    switch (command) {
      case "clean":
        return clean();
      case "format":
        return new Format(root).apply(sourceFolders(names));
      case "build":
      case "test":
      case "resolve":
        break;
      case "dist":
        Dist dist = new Dist(root, names); // refuses what it does not know before a build
        boolean built = run("build", List.of());
        dist.write();
        return built;
      default:
        throw new Failure("no such command: " + command + " (" + USAGE + ")");
    }
    long started = System.nanoTime();
    FileTime start = FileTime.fromMillis(System.currentTimeMillis());
    try (Workspace workspace = Workspace.getWorkspace(root.toFile())) {
      Runner runner = new Runner(root, names);
      Set<String> chosen = runner.projects();
      read(workspace, chosen);
      boolean tests = command.equals("test");
      Set<Unit> wanted = wanted(chosen, tests);
      new Format(root).check(sourceFolders(chosen.isEmpty() ? List.of() : namesOf(wanted)));
      Pipeline pipeline = new Pipeline(root, wanted);
      pipeline.run();
      Launch launch = new Launch(workspace, root);
      if (command.equals("resolve")) {
        launch.resolve();
      }
      boolean all = chosen.isEmpty();
      if (all || wanted.contains(units.get("launch"))) {
        launch.list();
      }
      if (all) {
        Files.setLastModifiedTime(touch(root.resolve("cnf/cache/built")), start);
      }
      if (!tests) {
        System.out.printf("done in %.1f s%n", seconds(started));
        return true;
      }
      List<Unit> tested = units.values().stream().filter(u -> isChosen(u, chosen)).toList();
      return runner.test(tested);
    }
  }

  private static Path touch(Path file) throws IOException {
    return Files.exists(file) ? file : Files.createFile(file);
  }

  private static boolean isChosen(Unit unit, Set<String> chosen) {
    return chosen.isEmpty() || chosen.contains(unit.name());
  }

  private static List<String> namesOf(Set<Unit> wanted) {
    return wanted.stream().map(Unit::name).toList();
  }

  /** Only what is asked for is read, so that a broken project stops no other. */
  private void read(Workspace workspace, Set<String> chosen) throws Exception {
    Set<String> present = new TreeSet<>();
    workspace.getAllProjects().forEach(p -> present.add(p.getName()));
    for (String name : chosen.isEmpty() ? present : chosen) {
      if (!present.contains(name)) {
        throw new Failure("no such project: " + name + "; there are " + String.join(", ", present));
      }
      read(workspace.getProject(name), new ArrayList<>());
    }
    for (Unit unit : units.values()) {
      unit.link(units);
    }
  }

  private void read(Project project, List<String> path) throws Exception {
    if (path.contains(project.getName())) {
      throw new Failure("a circle of projects: " + path + " -> " + project.getName());
    }
    if (units.containsKey(project.getName())) {
      return;
    }
    path.add(project.getName());
    for (Project before : project.getDependson()) {
      read(before, path);
    }
    path.remove(project.getName());
    units.put(project.getName(), new Unit(root, project));
  }

  private Set<Unit> wanted(Set<String> chosen, boolean tests) {
    Set<Unit> wanted = new LinkedHashSet<>();
    for (Unit unit : units.values()) {
      if (isChosen(unit, chosen)) {
        unit.addWithDependencies(wanted);
        if (tests) {
          unit.testDependencies().forEach(u -> u.addWithDependencies(wanted));
        }
      }
    }
    return wanted;
  }

  private List<Path> sourceFolders(List<String> names) throws IOException {
    List<Path> folders = new ArrayList<>();
    if (names.isEmpty() || names.contains("cnf")) {
      folders.add(root.resolve("cnf/build"));
    }
    for (Path base : projectFolders()) {
      if (names.isEmpty() || names.contains(base.getFileName().toString())) {
        folders.add(base.resolve("src"));
        folders.add(base.resolve("test"));
      }
    }
    return folders;
  }

  private List<Path> projectFolders() throws IOException {
    try (var list = Files.list(root)) {
      return list.filter(p -> Files.exists(p.resolve("bnd.bnd"))).sorted().toList();
    }
  }

  private boolean clean() throws IOException {
    for (Path base : projectFolders()) {
      for (String made : List.of("bin", "bin_test", "generated")) {
        Folders.delete(base.resolve(made));
      }
    }
    Files.deleteIfExists(root.resolve("cnf/cache/built"));
    return true;
  }
}
