package fedllm.shell;

import fedllm.api.error.Refused;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * A Unix domain socket that nobody but this user can reach, because of the folder that it is in.
 */
final class SocketFile {

  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  /** What a socket's address has room for, on the platform that has least (macOS). */
  private static final int MAX_PATH_BYTES = 103;

  private SocketFile() {}

  /** Listens at a path; what a killed node left there is removed. */
  static ServerSocketChannel listen(Path path) throws IOException {
    if (path.toString().getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
      throw new Refused(
          "the shell's path " + path + " is too long for a socket; choose a shorter folder");
    }
    Path folder = path.toAbsolutePath().getParent();
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }
    refuseOpen(folder);
    removeStale(path);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(path));
      refuseForeign(folder, path);
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  private static void refuseOpen(Path folder) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw new Refused("the shell's folder " + folder + " is not a folder of its own; remove it");
    }
    Set<PosixFilePermission> others = EnumSet.noneOf(PosixFilePermission.class);
    others.addAll(Files.getPosixFilePermissions(folder));
    others.removeAll(OWNER_ONLY);
    if (!others.isEmpty()) {
      throw new Refused(
          "others can reach the shell's folder " + folder + "; say chmod 700 " + folder);
    }
  }

  /** A file that this process made shows who it runs as, which Java says nowhere else. */
  private static void refuseForeign(Path folder, Path mine) throws IOException {
    Object owner = Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    if (!owner.equals(Files.getAttribute(mine, "unix:uid", LinkOption.NOFOLLOW_LINKS))) {
      Files.deleteIfExists(mine);
      throw new Refused("the shell's folder " + folder + " belongs to somebody else; remove it");
    }
  }

  private static void removeStale(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (SocketChannel there = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      throw new Refused(
          "another node answers at " + path + "; stop it or give this one a new name");
    } catch (ConnectException e) {
      Files.delete(path);
    }
  }
}
