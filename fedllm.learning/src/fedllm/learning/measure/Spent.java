package fedllm.learning.measure;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What work took this process, other work at the same time included.
 *
 * @param seconds by the clock
 * @param cpuSeconds of all cores of this process
 */
public record Spent(double seconds, double cpuSeconds) {

  /** What the process has taken until now. */
  public static Spent now() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Spent(System.nanoTime() / 1e9, system.getProcessCpuTime() / 1e9);
  }

  /** What was taken between two moments. */
  public Spent since(Spent start) {
    return new Spent(seconds - start.seconds, cpuSeconds - start.cpuSeconds);
  }

  /** An estimate: CPU-seconds times what a busy core draws. */
  public double joules(double wattsPerCore) {
    return cpuSeconds * wattsPerCore;
  }

  /** The most memory that this process had at one time, in bytes; empty where no system says so. */
  public static OptionalLong peakBytes() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D+", "")))
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
