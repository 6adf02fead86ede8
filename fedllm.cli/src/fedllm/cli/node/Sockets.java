package fedllm.cli.node;

import com.sun.security.auth.module.UnixSystem;
import fedllm.api.error.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where the shells of this user's nodes are: {@code NAME@FEDERATION.sock} in a folder of its own.
 */
public final class Sockets {

  private static final String ENDING = ".sock";

  private final Path folder;

  private Sockets(Path folder) {
    this.folder = folder;
  }

  /** The folder of this user, made if it is not there. */
  public static Sockets ofThisUser(Map<String, String> environment) {
    long uid = new UnixSystem().getUid();
    Path parent = Path.of(environment.getOrDefault("XDG_RUNTIME_DIR", "/tmp"));
    return at(parent.resolve("fedllm-" + uid), uid);
  }

  /** A folder that must belong to a user, and to nobody else. */
  static Sockets at(Path folder, long uid) {
    try {
      if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
        Files.createDirectory(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
      Object owner = Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
      String mode =
          PosixFilePermissions.toString(
              Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS));
      if (((Number) owner).longValue() != uid || !mode.equals("rwx------")) {
        throw new Refused(
            folder + " must be yours alone (chmod 700); shells of running nodes are in it");
      }
      return new Sockets(folder);
    } catch (IOException e) {
      throw new Refused("cannot use " + folder + " for the shells of nodes: " + e.getMessage(), e);
    }
  }

  /** Where a node listens. */
  public Path path(String name, String federation) {
    return folder.resolve(name + "@" + federation + ENDING);
  }

  /** A federation's label that no running node uses. */
  public String freeLabel(String federation) {
    boolean taken = live().stream().anyMatch(name -> name.endsWith("@" + federation));
    return taken ? federation + "-" + ProcessHandle.current().pid() : federation;
  }

  /** The nodes that answer, as {@code NAME@FEDERATION}. */
  public List<String> live() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(ENDING) && ShellClient.answers(file))
          .map(file -> file.getFileName().toString())
          .map(name -> name.substring(0, name.length() - ENDING.length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new Refused("cannot list " + folder + ": " + e.getMessage(), e);
    }
  }

  /**
   * The node that is meant.
   *
   * @param node {@code NAME} or {@code NAME@FEDERATION}; null for the only one, or the only server
   */
  public Path find(String node) {
    List<String> live = live();
    String wanted = node == null && live.size() > 1 ? "server" : node;
    List<String> found =
        live.stream()
            .filter(name -> wanted == null || name.equals(wanted) || name.startsWith(wanted + "@"))
            .toList();
    if (found.size() == 1) {
      return folder.resolve(found.get(0) + ENDING);
    }
    if (live.isEmpty()) {
      throw new Refused("no node of yours runs on this machine; fedllm run starts some");
    }
    throw new Refused(
        (found.isEmpty() ? "no node is called " + wanted : "several nodes are meant")
            + "; say --node with one of "
            + String.join(", ", found.isEmpty() ? live : found));
  }
}
