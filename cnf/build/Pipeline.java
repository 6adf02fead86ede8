package fedllm.build;

import aQute.bnd.build.Project;
import aQute.bnd.osgi.Domain;
import aQute.bnd.osgi.Jar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.jar.JarFile;

/** Compiles and bundles projects, each after those it depends on, independent ones side by side. */
final class Pipeline {

  private final Path root;
  private final Set<Unit> wanted;
  private final String workspace;

  Pipeline(Path root, Set<Unit> wanted) throws IOException {
    this.root = root;
    this.wanted = wanted;
    this.workspace =
        new Stamp()
            .contents(
                root,
                List.of(root.resolve("cnf/build.bnd"), root.resolve("cnf/cache/target.classpath")))
            .contents(root, Folders.files(root.resolve("cnf/cache/driver"), ".class"))
            .hex();
  }

  void run() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
    Map<Unit, CompletableFuture<Void>> work = new HashMap<>();
    try {
      for (Unit unit : wanted) {
        CompletableFuture<?>[] before =
            unit.dependencies().stream().map(work::get).toArray(CompletableFuture<?>[]::new);
        work.put(unit, CompletableFuture.allOf(before).thenRunAsync(() -> build(unit), pool));
      }
      CompletableFuture<Void> torch = CompletableFuture.runAsync(() -> unpackTorch(), pool);
      torch.join();
      report(work);
    } finally {
      pool.shutdown();
    }
  }

  private void unpackTorch() {
    if (wanted.stream().anyMatch(u -> u.name().equals("bundles"))) {
      try {
        Torch.unpack(root);
      } catch (IOException e) {
        throw new Failure("unpacking torch: " + e);
      }
    }
  }

  /** Every project's own failure is said; of those that only depend on one, the number. */
  private void report(Map<Unit, CompletableFuture<Void>> work) {
    Map<String, String> failures = new TreeMap<>();
    for (Unit unit : wanted) {
      try {
        work.get(unit).join();
      } catch (CompletionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof Failure) {
          failures.putIfAbsent(cause.getMessage(), unit.name());
        } else {
          throw e;
        }
      }
    }
    if (!failures.isEmpty()) {
      failures.keySet().forEach(System.err::println);
      throw new Failure("not built: " + String.join(", ", failures.values()));
    }
  }

  private void build(Unit unit) {
    try {
      Path stamp = unit.folder("generated").resolve("built");
      String inputs = inputs(unit);
      if (Files.exists(stamp)) {
        List<String> last = Files.readAllLines(stamp);
        if (last.get(0).equals(inputs)) {
          unit.output(last.get(1));
          return;
        }
      }
      Files.deleteIfExists(stamp);
      long started = System.nanoTime();
      String processors;
      synchronized (Unit.BND) {
        processors = unit.project().getProperty("processors");
      }
      boolean sources = !Folders.files(unit.folder("src")).isEmpty();
      if (sources) {
        Compiler.compile(
            root, unit.folder("src"), unit.folder("bin"), unit.buildPath(), processors);
      } else {
        Folders.delete(unit.folder("bin"));
        Files.createDirectories(unit.folder("bin"));
      }
      bundle(unit, sources);
      Files.createDirectories(stamp.getParent());
      writeClassPath(unit);
      unit.output(outputs(unit));
      Files.write(stamp, List.of(inputs, unit.output()));
      if (sources || unit.name().equals("bundles")) {
        System.out.printf("built %-24s %5.1f s%n", unit.name(), Build.seconds(started));
      }
    } catch (Failure f) {
      throw new Failure(unit.name() + ": " + f.getMessage());
    } catch (Exception e) {
      throw new IllegalStateException("building " + unit.name(), e);
    }
  }

  private String inputs(Unit unit) throws IOException {
    return new Stamp()
        .words(List.of(workspace))
        .words(unit.dependencies().stream().map(Unit::output).toList())
        .contents(root, unit.inputs())
        .hex();
  }

  private static String outputs(Unit unit) throws IOException {
    Path base = unit.folder(".");
    return new Stamp()
        .contents(base, Folders.files(unit.folder("bin")))
        .contents(base, Folders.files(unit.folder("generated"), ".jar"))
        .hex();
  }

  private static void writeClassPath(Unit unit) throws Exception {
    if (unit.project().isNoBundles()) {
      Files.writeString(
          unit.folder("generated").resolve("classpath"), Unit.join(unit.classPath(false)));
    }
  }

  private static void bundle(Unit unit, boolean sources) throws Exception {
    synchronized (Unit.BND) {
      Project project = unit.project();
      if (project.isNoBundles()) {
        return;
      }
      for (Path old : Folders.files(unit.folder("generated"), ".jar")) {
        Files.delete(old);
      }
      if (!sources && !unit.name().equals("bundles")) {
        return;
      }
      project.clear();
      project.build();
      check(unit.name(), project.getErrors(), project.getWarnings());
      for (Path jar : Folders.files(unit.folder("generated"), ".jar")) {
        dropEmpty(jar);
        refuseHiddenPackages(unit.name(), jar);
      }
    }
  }

  /**
   * What a bundle of ours does not hold, and nothing of ours exports, would be missed only at run
   * time.
   */
  private static void refuseHiddenPackages(String project, Path jar) throws Exception {
    if (!Files.exists(jar)) {
      return;
    }
    try (Jar bundle = new Jar(jar.toFile())) {
      Domain manifest = Domain.domain(bundle.getManifest());
      for (String name : manifest.getImportPackage().keySet()) {
        boolean own = name.startsWith(project + ".") || name.equals(project);
        if (own && !manifest.getExportPackage().containsKey(name)) {
          throw new Failure(
              jar.getFileName() + " lacks " + name + ": add it to -privatepackage of the bundle");
        }
      }
    }
  }

  private static void check(String name, Collection<String> errors, Collection<String> warnings) {
    List<String> said = new ArrayList<>(errors);
    for (String warning : warnings) {
      // A bundle described before its package is written; dropEmpty says so.
      if (!warning.contains("Unused -privatepackage") && !warning.contains("JAR is empty")) {
        said.add(warning);
      }
    }
    if (!said.isEmpty()) {
      throw new Failure("bnd\n  " + String.join("\n  ", said));
    }
  }

  private static void dropEmpty(Path jar) throws IOException {
    boolean empty;
    try (JarFile file = new JarFile(jar.toFile())) {
      empty = file.stream().noneMatch(e -> e.getName().endsWith(".class"));
    }
    if (empty) {
      System.out.println("no bundle " + jar.getFileName() + " yet: its package has no class");
      Files.delete(jar);
    }
  }
}
