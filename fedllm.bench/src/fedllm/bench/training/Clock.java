package fedllm.bench.training;

import java.lang.management.ManagementFactory;
import java.util.Arrays;

/** This thread's processor time: what else the machine does moves it little. */
final class Clock {

  private Clock() {}

  /** Seconds of this thread's processor time that {@code work} takes. */
  static double cpuSeconds(Runnable work) {
    long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    work.run();
    return (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before) / 1e9;
  }

  /** The one in the middle. */
  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
