package fedllm.bench.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a process holds.
 *
 * @param megabytes of memory to itself: heap and all else but mapped files
 * @param threads that live
 * @param files that are open, connections among them
 */
record Held(double megabytes, long threads, long files) {

  static Held by(ProcessHandle process) throws IOException {
    Path proc = Path.of("/proc/" + process.pid());
    try (Stream<Path> open = Files.list(proc.resolve("fd"))) {
      return new Held(number(proc, "RssAnon:") / 1024.0, number(proc, "Threads:"), open.count());
    }
  }

  private static long number(Path proc, String name) throws IOException {
    try (Stream<String> lines = Files.lines(proc.resolve("status"))) {
      return lines
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElseThrow(() -> new IOException(proc + "/status does not say " + name));
    }
  }
}
