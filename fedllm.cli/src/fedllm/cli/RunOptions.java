package fedllm.cli;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** What {@code run} and {@code demo} have in common. */
final class RunOptions {

  @Option(names = "--json", paramLabel = "FILE", description = "Write the outcome there, too.")
  private Path json;

  @Option(
      names = "--work",
      paramLabel = "DIR",
      description = "Work in this folder and keep it; by default in one that is deleted.")
  private Path work;

  @Option(names = "--keep", description = "Keep the folder with logs, state and the adapter.")
  private boolean keep;

  Path json() {
    return json;
  }

  WorkFolder workFolder() throws IOException {
    return work == null ? WorkFolder.temporary(keep) : WorkFolder.given(work);
  }
}
