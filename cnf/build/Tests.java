package fedllm.build;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClasspathRoots;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the tests of one project, in a JVM of its own: a line a class as soon as it is done, and
 * what failed or was skipped, with its reason. What the tests themselves print goes to a log.
 */
public final class Tests implements TestExecutionListener {

  private static final int FRAMES = 25;

  private final PrintStream out;
  private final Map<String, Suite> suites = new LinkedHashMap<>();
  private final long[] total = new long[3];
  private TestPlan plan;

  /** What is known of one class so far. */
  private static final class Suite {
    private final long started = System.nanoTime();
    private long tests;
    private long failures;
  }

  private Tests(PrintStream out) {
    this.out = out;
  }

  /** Arguments: the folder of test classes, then names of those wanted, by default all. */
  public static void main(String[] args) throws IOException {
    Tests tests = new Tests(System.out);
    try (PrintStream log = log()) {
      System.setOut(log);
      System.setErr(log);
      LauncherFactory.create().execute(request(args), tests);
    }
    Files.writeString(
        Path.of(System.getProperty("fedllm.tests.result")),
        tests.total[0] + " " + tests.total[1] + " " + tests.total[2]);
    System.exit(tests.total[1] == 0 ? 0 : 1);
  }

  private static PrintStream log() throws IOException {
    FileOutputStream file = new FileOutputStream(System.getProperty("fedllm.tests.log"));
    return new PrintStream(file, true, StandardCharsets.UTF_8);
  }

  private static LauncherDiscoveryRequest request(String[] args) {
    LauncherDiscoveryRequestBuilder request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClasspathRoots(Set.of(Path.of(args[0]))))
            .configurationParameter("jqwik.database", "generated/jqwik.database")
            .configurationParameter("junit.jupiter.execution.timeout.default", "10 m");
    List<String> wanted = List.of(args).subList(1, args.length);
    if (wanted.isEmpty()) {
      request.filters(ClassNameFilter.includeClassNamePatterns(".*Tests?"));
    } else {
      request.filters(
          ClassNameFilter.includeClassNamePatterns(
              wanted.stream().map(name -> "(.*\\.)?" + name).toArray(String[]::new)));
    }
    return request.build();
  }

  @Override
  public void testPlanExecutionStarted(TestPlan testPlan) {
    plan = testPlan;
  }

  @Override
  public void executionStarted(TestIdentifier test) {
    if (isTopClass(test)) {
      suites.putIfAbsent(className(test), new Suite());
    }
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    skipped(test, reason);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    Suite suite = suites.computeIfAbsent(className(test), k -> new Suite());
    switch (result.getStatus()) {
      case ABORTED -> skipped(test, result.getThrowable().map(Throwable::getMessage).orElse(""));
      case FAILED -> {
        suite.tests++;
        suite.failures++;
        total[1]++;
        out.println("  FAILED " + name(test));
        result.getThrowable().ifPresent(this::trace);
      }
      case SUCCESSFUL -> {
        if (test.isTest()) {
          suite.tests++;
          total[0]++;
        }
      }
    }
    if (isTopClass(test)) {
      suites.remove(className(test)); // another engine may run the same class
      double seconds = (System.nanoTime() - suite.started) / 1e9;
      out.printf(
          "  %s: %d tests, %d failures, %.2f s%n",
          className(test), suite.tests, suite.failures, seconds);
    }
  }

  private void skipped(TestIdentifier test, String reason) {
    total[2]++;
    out.println("  skipped " + name(test) + ": " + reason);
  }

  private boolean isTopClass(TestIdentifier test) {
    return source(test, ClassSource.class).isPresent()
        && plan.getParent(test).flatMap(p -> source(p, ClassSource.class)).isEmpty();
  }

  private static <T extends TestSource> Optional<T> source(TestIdentifier test, Class<T> type) {
    return test.getSource().filter(type::isInstance).map(type::cast);
  }

  /** The top class, in which a nested class or an invocation counts too. */
  private String className(TestIdentifier test) {
    Optional<TestIdentifier> at = Optional.of(test);
    String name = test.getDisplayName();
    while (at.isPresent()) {
      Optional<ClassSource> source = source(at.get(), ClassSource.class);
      name = source.isPresent() ? source.get().getClassName() : name;
      at = plan.getParent(at.get());
    }
    return name;
  }

  private String name(TestIdentifier test) {
    String method = source(test, MethodSource.class).map(m -> "." + m.getMethodName()).orElse("");
    String plain = method.isEmpty() ? "" : method.substring(1) + "()";
    String shown = test.getDisplayName();
    return className(test) + method + (shown.equals(plain) || method.isEmpty() ? "" : " " + shown);
  }

  private void trace(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      out.println((t == failure ? "    " : "    caused by ") + t);
      int shown = 0;
      for (StackTraceElement frame : t.getStackTrace()) {
        if (shown++ == FRAMES || isMachinery(frame)) {
          break;
        }
        out.println("      at " + frame);
      }
    }
  }

  /** Below the test method there is only reflection. */
  private static boolean isMachinery(StackTraceElement frame) {
    String name = frame.getClassName();
    return name.startsWith("org.junit.platform.commons.util.ReflectionUtils")
        || name.startsWith("jdk.internal.reflect.")
        || name.startsWith("java.lang.reflect.Method")
        || name.startsWith("net.jqwik.engine.");
  }
}
