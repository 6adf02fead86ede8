package fedllm.build;

import aQute.bnd.build.Container;
import aQute.bnd.build.Workspace;
import aQute.bnd.osgi.Resource;
import biz.aQute.resolve.Bndrun;
import java.io.File;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarFile;

/** The run descriptions: which bundles, and a jar that starts them. */
final class Launch {

  private static final List<String> RUNS = List.of("server", "silo");

  private final Workspace workspace;
  private final Path folder;
  private final Path made;

  Launch(Workspace workspace, Path root) {
    this.workspace = workspace;
    this.folder = root.resolve("launch");
    this.made = folder.resolve("generated");
  }

  /** Writes -runbundles of each run. */
  void resolve() throws Exception {
    for (String name : RUNS) {
      try (Bndrun run = read(name)) {
        run.resolve(false, true);
        refuseErrors(run);
        System.out.println("resolved launch/" + name + ".bndrun");
      }
    }
  }

  /** Makes the jars that are older than what they hold, and lists what they hold for the tests. */
  void export() throws Exception {
    for (String name : RUNS) {
      try (Bndrun run = read(name)) {
        if (!Files.exists(run.getPropertiesFile().toPath())) {
          continue;
        }
        Set<Path> bundles = paths(run.getRunbundles());
        Set<Path> runpath = paths(run.getRunpath());
        List<Path> missing = bundles.stream().filter(b -> !Files.exists(b)).toList();
        if (bundles.isEmpty() || !missing.isEmpty()) {
          System.out.println("launch: no " + name + ".jar yet, for want of " + names(missing));
          continue;
        }
        exportIfStale(name, run, bundles, runpath);
      }
    }
  }

  private void exportIfStale(String name, Bndrun run, Set<Path> bundles, Set<Path> runpath)
      throws Exception {
    Path jar = made.resolve(name + ".jar");
    Path stamp = made.resolve(name + ".stamp");
    String inputs =
        new Stamp().looks(Folders.files(folder, ".bndrun")).looks(bundles).looks(runpath).hex();
    if (Files.exists(jar) && Files.exists(stamp) && Files.readString(stamp).equals(inputs)) {
      return;
    }
    long started = System.nanoTime();
    Files.createDirectories(made);
    Files.deleteIfExists(stamp);
    refuseUnresolved(name, run, bundles);
    Map.Entry<String, Resource> exported = run.export("bnd.executablejar", Map.of());
    refuseErrors(run);
    try (OutputStream out = Files.newOutputStream(jar)) {
      exported.getValue().write(out);
    }
    Files.write(made.resolve(name + ".bundles"), lines(bundles));
    Files.write(made.resolve(name + ".runpath"), lines(runpath));
    Files.writeString(stamp, inputs);
    System.out.printf("built launch/%-17s %5.1f s%n", name + ".jar", Build.seconds(started));
  }

  /** Resolves again, and fails if that finds other bundles; only when requirements have changed. */
  private void refuseUnresolved(String name, Bndrun run, Set<Path> bundles) throws Exception {
    Stamp stamp = new Stamp().looks(Folders.files(folder, ".bndrun"));
    for (Path bundle : bundles) {
      try (JarFile jar = new JarFile(bundle.toFile())) {
        stamp.words(List.of(String.valueOf(jar.getManifest().getMainAttributes())));
      }
    }
    Path resolved = made.resolve(name + ".resolved");
    String needs = stamp.hex();
    if (Files.exists(resolved) && Files.readString(resolved).equals(needs)) {
      return;
    }
    run.resolve(true, false);
    if (!run.getErrors().isEmpty()) {
      throw new Failure("launch/" + name + ".bndrun does not fit what is built: ./fedllm resolve");
    }
    Files.writeString(resolved, needs);
  }

  private Bndrun read(String name) throws Exception {
    File file = folder.resolve(name + ".bndrun").toFile();
    Bndrun run = Bndrun.createBndrun(workspace, file);
    refuseErrors(run);
    return run;
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
