package fedllm.build;

import aQute.bnd.build.Container;
import aQute.bnd.build.Project;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A project of the workspace, as the build sees it. bnd is not thread-safe: it is asked under one
 * lock.
 */
final class Unit {

  private static final Set<String> NOT_INPUT = Set.of("bin", "bin_test", "generated", "test");

  /** Guards every call into bnd. */
  static final Object BND = new Object();

  private final Project project;
  private final Path root;
  private final Path base;
  private List<Unit> dependencies;
  private List<Unit> testDependencies;
  private String output = "";

  Unit(Path root, Project project) throws IOException {
    this.project = project;
    this.root = root;
    this.base = project.getBase().toPath().toRealPath();
  }

  void link(Map<String, Unit> units) throws Exception {
    dependencies = units(project.getBuildDependencies(), units);
    testDependencies = units(project.getTestDependencies(), units);
  }

  private static List<Unit> units(Collection<Project> projects, Map<String, Unit> units) {
    return projects.stream().map(p -> units.get(p.getName())).filter(Objects::nonNull).toList();
  }

  String name() {
    return project.getName();
  }

  Path root() {
    return root;
  }

  Project project() {
    return project;
  }

  Path folder(String name) {
    return base.resolve(name);
  }

  List<Unit> dependencies() {
    return dependencies;
  }

  List<Unit> testDependencies() {
    return testDependencies;
  }

  void addWithDependencies(Set<Unit> wanted) {
    if (!wanted.contains(this)) {
      dependencies.forEach(u -> u.addWithDependencies(wanted));
      wanted.add(this);
    }
  }

  /** Fingerprint of what the project's build left behind. */
  String output() {
    return output;
  }

  void output(String fingerprint) {
    output = fingerprint;
  }

  /** What the main build of the project reads, its dependencies aside. */
  List<Path> inputs() throws IOException {
    List<Path> inputs = new ArrayList<>();
    try (Stream<Path> children = Files.list(base)) {
      for (Path child : children.sorted().toList()) {
        String name = child.getFileName().toString();
        if (Files.isDirectory(child)) {
          if (!NOT_INPUT.contains(name) && !name.startsWith(".")) {
            inputs.addAll(Folders.files(child));
          }
        } else if (!name.startsWith(".") && !name.endsWith(".md")) {
          inputs.add(child);
        }
      }
    }
    return inputs;
  }

  Set<Path> buildPath() throws Exception {
    synchronized (BND) {
      return paths(project.getBuildpath());
    }
  }

  /** The class path of the project's tests, and of its programs where {@code test} is false. */
  Set<Path> classPath(boolean test) throws Exception {
    Set<Path> path = new LinkedHashSet<>();
    if (test) {
      path.add(folder("bin_test"));
    }
    path.add(folder("bin"));
    path.addAll(buildPath());
    if (test) {
      synchronized (BND) {
        path.addAll(paths(project.getTestpath()));
      }
    }
    return path;
  }

  private Set<Path> paths(Collection<Container> containers) throws Exception {
    Set<Path> paths = new LinkedHashSet<>();
    for (Container container : Container.flatten(containers)) {
      if (container.getError() != null) {
        throw new Failure(name() + ": " + container.getError());
      }
      paths.add(container.getFile().toPath());
    }
    return paths;
  }

  static String join(Collection<Path> path) {
    return String.join(File.pathSeparator, path.stream().map(Path::toString).toList());
  }
}
