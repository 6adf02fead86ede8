package fedllm.evaluate;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What work took.
 *
 * @param seconds by the clock
 * @param cpuSeconds of all cores of this process
 */
record Cost(double seconds, double cpuSeconds) {

  /** What the process has taken until now. */
  static Cost now() {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return new Cost(System.nanoTime() / 1e9, system.getProcessCpuTime() / 1e9);
  }

  Cost since(Cost start) {
    return new Cost(seconds - start.seconds, cpuSeconds - start.cpuSeconds);
  }

  /** An estimate: CPU-seconds times what a busy core draws. */
  double joules(double wattsPerCore) {
    return cpuSeconds * wattsPerCore;
  }

  /** The most memory that this process had at one time, in bytes; -1 where no system says so. */
  static long peakBytes() throws IOException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return -1;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("VmHWM:")) {
        return 1024 * Long.parseLong(line.replaceAll("\\D+", ""));
      }
    }
    return -1;
  }
}
