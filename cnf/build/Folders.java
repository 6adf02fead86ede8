package fedllm.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Files in folders, in an order that is the same everywhere. */
final class Folders {

  private Folders() {}

  /** All files below a folder; none where there is no folder. */
  static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile).sorted().toList();
    }
  }

  static List<Path> files(Path folder, String suffix) throws IOException {
    return files(folder).stream().filter(f -> f.toString().endsWith(suffix)).toList();
  }

  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path p : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(p);
      }
    }
  }

  /** Copies what is not Java, so that it lies beside the classes. */
  static void copyResources(Path from, Path to) throws IOException {
    for (Path file : files(from)) {
      if (!file.toString().endsWith(".java")) {
        Path target = to.resolve(from.relativize(file));
        Files.createDirectories(target.getParent());
        Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
