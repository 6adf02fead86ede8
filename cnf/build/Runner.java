package fedllm.build;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Compiles and runs projects' tests, each project's in a JVM of its own. */
final class Runner {

  private final Path root;

  /** Project to the classes that are asked for; none means all. */
  private final Map<String, List<String>> chosen = new LinkedHashMap<>();

  /** Takes PROJECT or PROJECT:TestClass. */
  Runner(Path root, List<String> names) {
    this.root = root;
    for (String name : names) {
      String[] words = name.replaceAll("/+$", "").split(":", 2);
      List<String> classes = chosen.computeIfAbsent(words[0], k -> new ArrayList<>());
      if (words.length == 2) {
        classes.add(words[1]);
      }
    }
  }

  Set<String> projects() {
    return chosen.keySet();
  }

  boolean test(List<Unit> units) throws Exception {
    long[] total = new long[3];
    List<String> dead = new ArrayList<>();
    for (Unit unit : units) {
      if (Folders.files(unit.folder("test"), ".java").isEmpty()) {
        continue;
      }
      try {
        compile(unit);
        test(unit, total);
      } catch (Failure f) {
        System.out.println(unit.name() + ": " + f.getMessage());
        dead.add(unit.name());
        total[1]++;
      }
    }
    if (!dead.isEmpty()) {
      System.out.println("\nno result from " + String.join(", ", dead) + ", counted as failed");
    }
    if (total[0] + total[1] == 0) {
      System.out.println("\nno test ran");
    }
    System.out.printf("%n%d passed, %d failed", total[0], total[1]);
    System.out.println(total[2] == 0 ? "" : ", " + total[2] + " skipped");
    return total[0] > 0 && total[1] == 0;
  }

  private void compile(Unit unit) throws Exception {
    Path stamp = unit.folder("generated").resolve("tests.built");
    Set<Path> path = unit.classPath(true);
    String inputs =
        new Stamp()
            .words(List.of(unit.output()))
            .words(unit.testDependencies().stream().map(Unit::output).toList())
            .words(path.stream().map(Path::toString).toList())
            .contents(root, Folders.files(unit.folder("test")))
            .hex();
    if (Files.exists(stamp) && Files.readString(stamp).equals(inputs)) {
      return;
    }
    Files.deleteIfExists(stamp);
    path.remove(unit.folder("bin_test"));
    Compiler.compile(root, unit.folder("test"), unit.folder("bin_test"), path, null);
    Files.writeString(stamp, inputs);
  }

  private void test(Unit unit, long[] total) throws Exception {
    Path made = Files.createDirectories(unit.folder("generated"));
    Path result = made.resolve("tests.result");
    Path log = made.resolve("tests.log");
    Files.deleteIfExists(result);
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(jvm(unit, result, log));
    Set<Path> path = unit.classPath(true);
    path.add(root.resolve("cnf/cache/driver"));
    command.addAll(List.of("-cp", Unit.join(path), "fedllm.build.Tests"));
    command.add(unit.folder("bin_test").toString());
    command.addAll(chosen.getOrDefault(unit.name(), List.of()));
    ProcessBuilder java = new ProcessBuilder(command).directory(unit.folder("").toFile());
    data().ifPresent(data -> java.environment().putIfAbsent("FEDLLM_DATA", data.toString()));
    System.out.println(unit.name());
    int code = java.inheritIO().start().waitFor();
    if (!Files.exists(result)) {
      throw new Failure("its test JVM ended with " + code + "; see " + root.relativize(log));
    }
    String[] counts = Files.readString(result).split(" ");
    for (int i = 0; i < counts.length; i++) {
      total[i] += Long.parseLong(counts[i]);
    }
  }

  private List<String> jvm(Unit unit, Path result, Path log) throws IOException {
    List<String> jvm = new ArrayList<>(List.of("-ea", "-Xmx1g", "-XX:+UseSerialGC"));
    if (Runtime.version().feature() >= 22) {
      jvm.add("--enable-native-access=ALL-UNNAMED");
    }
    String own = System.getenv("PYTORCH_LIBRARY_PATH");
    jvm.add(property("PYTORCH_LIBRARY_PATH", own != null ? own : root.resolve("cnf/cache/torch")));
    jvm.add(property("ai.djl.offline", true));
    jvm.add(property("OPT_OUT_TRACKING", true));
    jvm.add(property("fedllm.workspace", root));
    jvm.add(property("fedllm.tests.result", result));
    jvm.add(property("fedllm.tests.log", log));
    jvm.add(property("org.slf4j.simpleLogger.defaultLogLevel", "warn"));
    String more = unit.project().getProperty("testvm");
    if (more != null) {
      jvm.addAll(List.of(more.trim().split("\\s*,\\s*")));
    }
    return jvm;
  }

  private static String property(String name, Object value) {
    return "-D" + name + "=" + value;
  }

  /** Data sets for tests lie beside the workspace, where there are any. */
  private Optional<Path> data() {
    Path beside = root.resolve(".." + File.separator + "shared" + File.separator + "data");
    return Files.isDirectory(beside) ? Optional.of(beside.normalize()) : Optional.empty();
  }
}
