package fedllm.cli.run;

import fedllm.api.run.ResultView;
import fedllm.api.run.RunView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;

/**
 * Where adapters stay when the federation's own folder has gone.
 *
 * @param folder of one job
 */
record Results(Path folder) {

  /** Copies what a run made into a folder below. */
  ResultView keep(RunView run, String below) {
    Path adapter = folder.resolve(below).resolve("adapter").toAbsolutePath().normalize();
    try {
      Files.createDirectories(adapter);
      try (Stream<Path> files = Files.list(Path.of(run.result().adapter()))) {
        for (Path file : files.toList()) {
          Path to = adapter.resolve(file.getFileName().toString());
          Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the adapter cannot be kept in " + adapter, e);
    }
    return new ResultView(adapter.toString(), run.result().sha256());
  }
}
