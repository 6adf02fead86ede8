package fedllm.bench.rounds;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * What moving bytes took.
 *
 * @param seconds on the clock
 * @param bytes that were uploaded
 * @param cpuSeconds of all processes that took part
 */
public record Figures(double seconds, long bytes, double cpuSeconds) {

  /** Does the work once and measures it. */
  public static Figures of(long bytes, List<ProcessHandle> processes, Runnable work) {
    double cpu = cpuSeconds(processes);
    long start = System.nanoTime();
    work.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Figures(seconds, bytes, cpuSeconds(processes) - cpu);
  }

  /** The one in the middle by time; the first is a warm-up and does not count. */
  public static Figures median(int times, Supplier<Figures> work) {
    List<Figures> all = new ArrayList<>();
    for (int i = 0; i <= times; i++) {
      all.add(work.get());
    }
    all.remove(0);
    all.sort(Comparator.comparingDouble(Figures::seconds));
    return all.get(times / 2);
  }

  /** Million bytes a second. */
  public double megabytesPerSecond() {
    return bytes / 1e6 / seconds;
  }

  /** Processor time for a billion bytes. */
  public double cpuSecondsPerGigabyte() {
    return cpuSeconds / (bytes / 1e9);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%.3f s, %.0f MB/s, %.2f CPU-s per GB",
        seconds,
        megabytesPerSecond(),
        cpuSecondsPerGigabyte());
  }

  /** Processor time that processes have used so far. */
  public static double cpuSeconds(List<ProcessHandle> processes) {
    return processes.stream()
        .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
        .mapToDouble(used -> used.toNanos() / 1e9)
        .sum();
  }
}
