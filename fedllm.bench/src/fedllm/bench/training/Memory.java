package fedllm.bench.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;

/** This process's memory, as Linux counts it. */
final class Memory {

  private static final Path STATUS = Path.of("/proc/self/status");

  private Memory() {}

  /**
   * Bytes in memory that neither a file nor Java's heap holds. What Java has not collected yet is
   * collected, buffers outside its heap among it, and its heap is filled once: it is in memory only
   * where it was used, and would look as if something grew.
   */
  static long outsideHeap() {
    System.gc();
    Object[] filling = null;
    try {
      while (Runtime.getRuntime().freeMemory() > 1 << 23) {
        filling = new Object[] {filling, new byte[1 << 16]};
      }
      return read("RssAnon") - Runtime.getRuntime().totalMemory();
    } finally {
      Reference.reachabilityFence(filling);
    }
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
