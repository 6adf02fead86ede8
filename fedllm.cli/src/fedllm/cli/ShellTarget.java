package fedllm.cli;

import fedllm.cli.node.ShellClient;
import fedllm.cli.node.Sockets;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which node's shell is meant. */
final class ShellTarget {

  @Option(
      names = "--node",
      paramLabel = "NAME",
      description = "Its name, or NAME@FEDERATION; the only node or server if left out.")
  private String node;

  @Option(names = "--socket", paramLabel = "PATH", description = "Its socket.")
  private Path socket;

  ShellClient connect() {
    return new ShellClient(
        socket == null ? Sockets.ofThisUser(System.getenv()).find(node) : socket);
  }
}
