package fedllm.bench.rounds;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The most memory that a process had to itself at any look: heap and all else but mapped files. */
final class Peak {

  private final Path status;
  private double megabytes;

  Peak(ProcessHandle process) {
    status = Path.of("/proc/" + process.pid() + "/status");
  }

  /** Looks once. */
  void look() throws IOException {
    try (Stream<String> lines = Files.lines(status)) {
      double now =
          lines
                  .filter(line -> line.startsWith("RssAnon:"))
                  .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                  .findFirst()
                  .orElseThrow(() -> new IOException(status + " does not say RssAnon"))
              / 1024.0;
      megabytes = Math.max(megabytes, now);
    }
  }

  double megabytes() {
    return megabytes;
  }
}
