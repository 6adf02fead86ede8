package fedllm.bench.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** This process's memory, as Linux counts it. */
final class Memory {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path FORGET = Path.of("/proc/self/clear_refs");

  private Memory() {}

  /** Bytes in memory that no file backs. */
  static long anonymous() {
    return read("RssAnon");
  }

  /** How many bytes more than before were in memory at one time during the work. */
  static long peak(Runnable work) {
    try {
      Files.writeString(FORGET, "5"); // the highest mark starts anew
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    long before = read("VmRSS");
    work.run();
    return read("VmHWM") - before;
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
