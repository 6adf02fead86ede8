package fedllm.launch;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.jar.JarFile;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.BundleRevision;

/**
 * A node: Felix with the bundles that the build has listed. The one argument is the run's name with
 * its folder, such as {@code launch/generated/silo}: {@code silo.bundles} has a bundle a line,
 * {@code silo.runpath} what lies below the framework and is exported by it, {@code silo.properties}
 * the rest.
 *
 * <p>bnd's own launcher sets a security policy, which Java has refused since 24.
 */
public final class Main {

  /** Set to {@code true} by whoever stops the framework because it cannot go on. */
  private static final String FAILED = "fedllm.failed";

  private Main() {}

  /** Runs until the framework stops; the exit code says whether it had to. */
  public static void main(String[] args) throws Exception {
    Path run = Path.of(args[0]);
    Framework framework = new FrameworkFactory().newFramework(configuration(run));
    framework.init();
    List<Bundle> bundles = new ArrayList<>();
    for (Path bundle : jars(run, "bundles")) {
      bundles.add(framework.getBundleContext().installBundle(bundle.toUri().toString()));
    }
    framework.start();
    start(bundles);
    framework.waitForStop(0);
    System.exit(Boolean.getBoolean(FAILED) ? 1 : 0);
  }

  /** Logging first; it is what others say that they start with. */
  private static void start(List<Bundle> bundles) throws BundleException {
    List<Bundle> ordered = new ArrayList<>(bundles);
    ordered.sort((a, b) -> Boolean.compare(logs(b), logs(a)));
    for (Bundle bundle : ordered) {
      boolean fragment =
          (bundle.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) != 0;
      if (!fragment) {
        bundle.start();
      }
    }
  }

  private static boolean logs(Bundle bundle) {
    return bundle.getSymbolicName().startsWith("org.ops4j.pax.logging");
  }

  private static Map<String, String> configuration(Path run) throws IOException {
    Properties properties = new Properties();
    try (Reader in = Files.newBufferedReader(beside(run, "properties"))) {
      properties.load(in);
    }
    System.getProperties().stringPropertyNames().stream()
        .filter(name -> name.startsWith("org.osgi.framework."))
        .forEach(name -> properties.setProperty(name, System.getProperty(name)));
    List<String> exports = new ArrayList<>();
    for (Path jar : jars(run, "runpath")) {
      try (JarFile below = new JarFile(jar.toFile())) {
        String exported =
            below.getManifest().getMainAttributes().getValue(Constants.EXPORT_PACKAGE);
        if (exported != null) {
          exports.add(exported);
        }
      }
    }
    Map<String, String> configuration = new HashMap<>();
    properties.stringPropertyNames().forEach(n -> configuration.put(n, properties.getProperty(n)));
    configuration.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, String.join(",", exports));
    return configuration;
  }

  /** A list names them absolutely, or as they lie beside it. */
  private static List<Path> jars(Path run, String ending) throws IOException {
    return Files.readAllLines(beside(run, ending)).stream()
        .filter(line -> !line.isBlank())
        .map(run::resolveSibling)
        .toList();
  }

  private static Path beside(Path run, String ending) {
    return run.resolveSibling(run.getFileName() + "." + ending);
  }
}
