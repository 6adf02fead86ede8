package fedllm.bench.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** This process's memory, as Linux counts it. */
final class Memory {

  private static final Path STATUS = Path.of("/proc/self/status");

  private Memory() {}

  /** Bytes in memory that no file backs. */
  static long anonymous() {
    return read("RssAnon");
  }

  /** Bytes in memory. */
  static long resident() {
    return read("VmRSS");
  }

  /** Bytes in memory at one time, at most, since the process began. */
  static long highest() {
    return read("VmHWM");
  }

  private static long read(String key) {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(key + ":")) {
          return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException(STATUS + " has no " + key);
  }
}
