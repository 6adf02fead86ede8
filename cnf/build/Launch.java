package fedllm.build;

import aQute.bnd.build.Container;
import aQute.bnd.build.Workspace;
import biz.aQute.resolve.Bndrun;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.jar.JarFile;

/** The run descriptions: which bundles, and a jar that starts them. */
final class Launch {

  private static final List<String> RUNS = List.of("server", "silo");

  private final Workspace workspace;
  private final Path folder;
  private final Path made;

  /** What a run holds: bundles inside the framework, and jars below it. */
  private record Contents(Set<Path> bundles, Set<Path> runpath) {}

  Launch(Workspace workspace, Path root) {
    this.workspace = workspace;
    this.folder = root.resolve("launch");
    this.made = folder.resolve("generated");
  }

  /** Writes -runbundles of each run. */
  void resolve() throws Exception {
    for (String name : RUNS) {
      resolve(name);
    }
  }

  private void resolve(String name) throws Exception {
    Path file = file(name);
    String before = Files.readString(file);
    try (Bndrun run = read(name)) {
      run.resolve(false, true);
      refuseErrors(run);
    }
    if (!Files.readString(file).equals(before)) {
      System.out.println("launch: " + file.getFileName() + " has other bundles now: commit it");
    }
  }

  /**
   * Lists what each run holds, for the program that starts nodes and for tests. Where what a bundle
   * requires has changed, the run is resolved first.
   */
  void list() throws Exception {
    Files.createDirectories(made);
    for (String name : RUNS) {
      Contents contents = contents(name);
      List<Path> missing = contents.bundles.stream().filter(b -> !Files.exists(b)).toList();
      if (contents.bundles.isEmpty() || !missing.isEmpty()) {
        System.out.println("launch: no " + name + " yet, for want of " + names(missing));
        continue;
      }
      Path resolved = made.resolve(name + ".resolved");
      if (!same(resolved, needs(contents))) {
        resolve(name);
        contents = contents(name);
        Files.writeString(resolved, needs(contents));
      }
      list(name, contents);
    }
  }

  /** What fedllm.launch.Main reads. */
  private void list(String name, Contents contents) throws Exception {
    Properties properties = new Properties();
    try (Bndrun run = read(name)) {
      properties.putAll(run.getRunProperties());
    }
    try (Writer out = Files.newBufferedWriter(made.resolve(name + ".properties"))) {
      properties.store(out, null);
    }
    Files.write(made.resolve(name + ".bundles"), lines(contents.bundles));
    Files.write(made.resolve(name + ".runpath"), lines(contents.runpath));
  }

  /** A fingerprint of all that can change which bundles a run needs. */
  private String needs(Contents contents) throws IOException {
    Stamp stamp = new Stamp().contents(folder, Folders.files(folder, ".bndrun"));
    for (Path bundle : contents.bundles) {
      try (JarFile jar = new JarFile(bundle.toFile())) {
        stamp.words(List.of(String.valueOf(jar.getManifest().getMainAttributes().entrySet())));
      }
    }
    return stamp.hex();
  }

  private static boolean same(Path file, String text) throws IOException {
    return Files.exists(file) && Files.readString(file).equals(text);
  }

  private Path file(String name) {
    return folder.resolve(name + ".bndrun");
  }

  private Bndrun read(String name) throws Exception {
    Bndrun run = Bndrun.createBndrun(workspace, file(name).toFile());
    refuseErrors(run);
    return run;
  }

  private Contents contents(String name) throws Exception {
    try (Bndrun run = read(name)) {
      return new Contents(paths(run.getRunbundles()), paths(run.getRunpath()));
    }
  }

  private static void refuseErrors(Bndrun run) {
    if (!run.getErrors().isEmpty()) {
      throw new Failure(run.getPropertiesFile() + ": " + String.join("\n  ", run.getErrors()));
    }
  }

  private static Set<Path> paths(Collection<Container> containers) throws Exception {
    Set<Path> paths = new LinkedHashSet<>();
    for (Container container : Container.flatten(containers)) {
      if (container.getError() != null) {
        throw new Failure("launch: " + container.getError());
      }
      paths.add(container.getFile().toPath());
    }
    return paths;
  }

  private static String names(List<Path> missing) {
    return missing.isEmpty()
        ? "-runbundles (./fedllm resolve)"
        : String.join(", ", missing.stream().map(m -> m.getFileName().toString()).toList());
  }

  private static List<String> lines(Set<Path> paths) {
    return paths.stream().map(Path::toString).toList();
  }
}
