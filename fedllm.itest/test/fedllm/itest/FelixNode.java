package fedllm.itest;

import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.systemPackages;
import static org.ops4j.pax.exam.CoreOptions.workingDirectory;

import fedllm.api.run.Federation;
import fedllm.api.transport.TransportFactory;
import fedllm.cli.node.Workspace;
import fedllm.testkit.transport.MemoryBroker;
import fedllm.testkit.transport.MemoryTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarFile;
import org.ops4j.pax.exam.ExamSystem;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.nat.internal.NativeTestContainer;
import org.ops4j.pax.exam.spi.PaxExamRuntime;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/**
 * A node in a Felix of its own, within this JVM: the bundles of a server, but for Kafka. The
 * packages of the api come from this JVM's class path, so that the test's own broker in memory
 * serves several frameworks, and a framework's services can be used from outside.
 */
final class FelixNode implements AutoCloseable {

  private static final List<String> NOT_HERE =
      List.of("fedllm.api", "fedllm.transport.kafka", "bundles.kafka", "snappy", "lz4");

  private final NativeTestContainer container;
  private final Path folder;

  /** Starts it; it watches {@code plugins}. */
  FelixNode(String role, String name, Path folder, Path plugins, MemoryBroker broker)
      throws IOException {
    this.folder = Files.createDirectories(folder);
    Files.writeString(folder.resolve("kafka.properties"), "");
    Files.writeString(folder.resolve("silo.yaml"), "bases: {}\n");
    System.setProperty("fedllm.log", log().toString()); // logback reads it as it starts
    Map<String, Object> properties =
        Map.of(
            "fedllm.role",
            role,
            "fedllm.federation",
            "felix",
            "fedllm.name",
            name,
            "fedllm.state",
            folder,
            "fedllm.plugins",
            plugins,
            "fedllm.kafka",
            folder.resolve("kafka.properties"),
            "fedllm.silo",
            folder.resolve("silo.yaml"),
            "fedllm.shell",
            shell(),
            "org.ops4j.pax.logging.StaticLogbackFile",
            Workspace.here().logging());
    List<Option> options = new ArrayList<>();
    properties.forEach((key, value) -> options.add(frameworkProperty(key).value(value.toString())));
    options.add(workingDirectory(folder.resolve("felix").toString()));
    options.add(systemPackages(apiPackages()));
    bundles().forEach(file -> options.add(bundle(file.toUri().toString())));
    ExamSystem system = PaxExamRuntime.createTestSystem(options.toArray(Option[]::new));
    container = (NativeTestContainer) PaxExamRuntime.createContainer(system);
    container.start();
    context()
        .registerService(TransportFactory.class, settings -> new MemoryTransport(broker), null);
  }

  private static List<Path> bundles() throws IOException {
    Path list = Workspace.here().project("launch").resolve("generated/server.bundles");
    return Files.readAllLines(list).stream()
        .map(Path::of)
        .filter(file -> NOT_HERE.stream().noneMatch(file.getFileName().toString()::startsWith))
        .toList();
  }

  private static String[] apiPackages() throws IOException {
    Path api = Workspace.here().project("fedllm.api").resolve("generated/fedllm.api.jar");
    try (JarFile jar = new JarFile(api.toFile())) {
      String exports = jar.getManifest().getMainAttributes().getValue("Export-Package");
      return exports.replaceAll(";uses:=\"[^\"]*\"", "").split(",");
    }
  }

  BundleContext context() {
    return container.getSystemBundle().getBundleContext();
  }

  Path log() {
    return folder.resolve("node.log");
  }

  Path shell() {
    return folder.resolve("shell/sock");
  }

  /** A server's console, once it is up. */
  Federation federation() {
    return Await.present("no Federation is registered; see " + log(), this::lookForFederation);
  }

  private Optional<Federation> lookForFederation() {
    ServiceReference<Federation> reference = context().getServiceReference(Federation.class);
    return reference == null
        ? Optional.empty()
        : Optional.ofNullable(context().getService(reference));
  }

  /** The bundles of a name that are installed now, oldest first. */
  List<Bundle> bundles(String symbolicName) {
    return Arrays.stream(context().getBundles())
        .filter(bundle -> symbolicName.equals(bundle.getSymbolicName()))
        .toList();
  }

  @Override
  public void close() {
    container.stop();
  }
}
