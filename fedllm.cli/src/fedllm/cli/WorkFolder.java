package fedllm.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where a run's processes keep what they write, for as long as the user wants it. */
final class WorkFolder implements AutoCloseable {

  private final Path path;
  private final boolean temporary;
  private boolean keep;

  private WorkFolder(Path path, boolean temporary, boolean keep) {
    this.path = path;
    this.temporary = temporary;
    this.keep = keep;
  }

  static WorkFolder given(Path path) throws IOException {
    return new WorkFolder(Files.createDirectories(path.toAbsolutePath().normalize()), false, true);
  }

  static WorkFolder temporary(boolean keep) throws IOException {
    return new WorkFolder(Files.createTempDirectory("fedllm-run-"), true, keep);
  }

  Path path() {
    return path;
  }

  /** Leaves it there: somebody will want to read the logs. */
  void keep() {
    keep = true;
  }

  @Override
  public void close() throws IOException {
    if (keep) {
      System.out.println("logs and state are in " + path);
    } else if (temporary) {
      List<Path> all;
      try (Stream<Path> tree = Files.walk(path)) {
        all = tree.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path file : all) {
        Files.delete(file);
      }
    }
  }
}
