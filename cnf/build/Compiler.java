package fedllm.build;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** javac with all its warnings and Error Prone's, each of which is an error. */
final class Compiler {

  /**
   * What we leave out of {@code -Xlint:all}. processing: annotations without a processor are normal
   * in OSGi. serial: nothing of ours is serialized. try: a resource may be there only to be closed.
   * classfile: third-party class files name annotations that are not on our path.
   */
  private static final List<String> NO_LINT = List.of("processing", "serial", "try", "classfile");

  /** Lints that newer compilers know and 17, which decides, does not. */
  private static final List<String> NO_LINT_21 = List.of("this-escape");

  /**
   * Checks of Error Prone that do not fit: arrays in records are tensors; InvalidParam guesses
   * wrong; the rest is taste.
   */
  private static final List<String> NO_CHECK =
      List.of(
          "AnnotateFormatMethod",
          "ArrayRecordComponent",
          "InlineMeSuggester",
          "InvalidParam",
          "JavaLangClash",
          "MissingSummary",
          "OperatorPrecedence",
          "StringSplitter");

  private Compiler() {}

  /** Compiles a folder of sources, afresh; what is not Java is copied beside the classes. */
  static void compile(
      Path root, Path sources, Path classes, Collection<Path> path, String processors)
      throws IOException {
    Folders.delete(classes);
    Files.createDirectories(classes);
    Folders.copyResources(sources, classes);
    List<Path> files = Folders.files(sources, ".java");
    if (files.isEmpty()) {
      return;
    }
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager manager = javac.getStandardFileManager(null, null, null)) {
      boolean good =
          javac
              .getTask(
                  said,
                  manager,
                  null,
                  options(root, classes, path, processors),
                  null,
                  manager.getJavaFileObjectsFromPaths(files))
              .call();
      String text = said.toString().replace(root + "/", "").strip();
      if (!good) {
        throw new Failure("javac\n" + text);
      }
      if (!text.isEmpty()) {
        System.err.println(text);
      }
    }
  }

  private static List<String> options(
      Path root, Path classes, Collection<Path> path, String processors) throws IOException {
    List<String> options = new ArrayList<>(List.of("--release", "17", "-encoding", "UTF-8", "-g"));
    options.addAll(List.of("-d", classes.toString(), "-cp", Unit.join(path)));
    options.addAll(List.of("-Werror", lint()));
    // Error Prone is on this JVM's own class path, which is the parent of any processor path: so it
    // is
    // loaded and warmed up once, not once a project.
    options.addAll(List.of("-processorpath", root.resolve("cnf/cache/driver").toString()));
    if (processors == null) {
      options.add("-proc:none");
    } else {
      Path generated = Files.createDirectories(classes.resolveSibling("generated").resolve("src"));
      options.addAll(List.of("-processor", processors, "-s", generated.toString()));
    }
    options.addAll(List.of("-XDcompilePolicy=simple", "--should-stop=ifError=FLOW", checks()));
    return options;
  }

  private static String lint() {
    List<String> off = new ArrayList<>(NO_LINT);
    if (Runtime.version().feature() >= 21) {
      off.addAll(NO_LINT_21);
    }
    return "-Xlint:all,-" + String.join(",-", off);
  }

  private static String checks() {
    StringBuilder checks =
        new StringBuilder("-Xplugin:ErrorProne -XepExcludedPaths:.*/generated/.*");
    NO_CHECK.forEach(check -> checks.append(" -Xep:").append(check).append(":OFF"));
    return checks.toString();
  }
}
