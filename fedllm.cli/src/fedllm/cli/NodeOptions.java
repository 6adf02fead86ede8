package fedllm.cli;

import fedllm.api.error.Refused;
import fedllm.cli.bundle.Shipped;
import fedllm.cli.node.ClientProperties;
import fedllm.cli.node.NodeSpec;
import fedllm.cli.node.PluginFolder;
import fedllm.cli.node.Sockets;
import fedllm.cli.node.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import picocli.CommandLine.Option;

/** What a server and a silo have in common. */
final class NodeOptions {

  @Option(names = "--federation", required = true, description = "The federation's name.")
  private String federation;

  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      required = true,
      description = "A Kafka broker.")
  private String bootstrap;

  @Option(
      names = "--kafka",
      paramLabel = "FILE",
      description = "Properties for Kafka's clients: TLS, SASL, ...")
  private Path kafka;

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description = "What the node keeps; by default below ~/.local/state/fedllm.")
  private Path state;

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description = "Watched for plugins; by default a folder of its own in its state.")
  private Path plugins;

  @Option(
      names = "--approved",
      paramLabel = "FILE",
      description =
          "The bundles that may run, a line each; by default plugins.approved in its state, if that"
              + " is there.")
  private Path approved;

  NodeSpec spec(String role, String name, Path silo, Workspace workspace) throws IOException {
    Path folder = state == null ? stateOf(name) : state.toAbsolutePath().normalize();
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    if (approved != null) {
      System.setProperty("fedllm.approved", existing(approved).toString());
    }
    Shipped.write(folder, workspace);
    Sockets sockets = Sockets.ofThisUser(System.getenv());
    return new NodeSpec(
        role,
        federation,
        name,
        folder,
        plugins == null
            ? PluginFolder.filled(folder.resolve("plugins"), workspace)
            : existing(plugins),
        kafkaProperties(folder),
        silo == null ? null : existing(silo),
        sockets.path(name, federation),
        false);
  }

  private Path stateOf(String name) {
    String home =
        System.getenv()
            .getOrDefault("XDG_STATE_HOME", System.getProperty("user.home") + "/.local/state");
    return Path.of(home, "fedllm", federation, name);
  }

  private Path kafkaProperties(Path folder) throws IOException {
    Path file = folder.resolve("kafka.properties");
    ClientProperties.write(ClientProperties.read(kafka, bootstrap), file);
    return file;
  }

  private static Path existing(Path path) {
    if (!Files.exists(path)) {
      throw new Refused("there is no " + path);
    }
    return path.toAbsolutePath().normalize();
  }
}
