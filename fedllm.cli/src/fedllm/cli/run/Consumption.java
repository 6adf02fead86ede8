package fedllm.cli.run;

import fedllm.cli.node.Node;
import fedllm.shell.Numbers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a run took of this machine, by process: the server, the silos and the broker. A process that
 * ended before the run did is not there.
 *
 * @param cpuSeconds of all cores, from the submission to the run's end
 * @param peakBytes the most memory that each had at one time since it began; none where the system
 *     does not say
 * @param estimatedJoules no measurement: all CPU-seconds times {@code wattsPerCore}
 * @param wattsPerCore what a busy core is taken to draw, memory and cooling included
 */
public record Consumption(
    Map<String, Double> cpuSeconds,
    Map<String, Long> peakBytes,
    double estimatedJoules,
    double wattsPerCore) {

  /** Servers' processors draw 4 to 8 for each core; memory and cooling come on top. */
  private static final double WATTS = 10;

  /** What was taken before anything began. */
  static final Consumption NOTHING = new Consumption(Map.of(), Map.of(), 0, WATTS);

  /** What a federation's processes have taken until now. */
  static Consumption of(LocalFederation federation) {
    Map<String, ProcessHandle> processes = new TreeMap<>();
    for (Node node : federation.nodes()) {
      processes.put(node.name(), node.process());
    }
    federation.broker().ifPresent(broker -> processes.put("broker", broker));
    Map<String, Double> cpuSeconds = new TreeMap<>();
    Map<String, Long> peakBytes = new TreeMap<>();
    processes.forEach(
        (name, process) -> {
          process
              .info()
              .totalCpuDuration()
              .filter(duration -> process.isAlive())
              .map(Consumption::seconds)
              .ifPresent(seconds -> cpuSeconds.put(name, seconds));
          peakBytes(process.pid()).ifPresent(bytes -> peakBytes.put(name, bytes));
        });
    return of(cpuSeconds, peakBytes);
  }

  private static Consumption of(Map<String, Double> cpuSeconds, Map<String, Long> peakBytes) {
    double all = cpuSeconds.values().stream().mapToDouble(seconds -> seconds).sum();
    return new Consumption(cpuSeconds, peakBytes, all * WATTS, WATTS);
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }

  private static OptionalLong peakBytes(long pid) {
    try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D+", "")))
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty(); // it has ended, or this system has no such file
    }
  }

  /** What was taken since an earlier moment; peaks are those of now. */
  Consumption since(Consumption start) {
    Map<String, Double> taken = new TreeMap<>();
    cpuSeconds.forEach(
        (name, seconds) -> taken.put(name, seconds - start.cpuSeconds().getOrDefault(name, 0.0)));
    return of(taken, peakBytes);
  }

  /** For people. */
  @Override
  public String toString() {
    double all = cpuSeconds.values().stream().mapToDouble(seconds -> seconds).sum();
    String most =
        peakBytes.entrySet().stream()
            .max(Map.Entry.comparingByValue())
            .map(
                peak ->
                    "; " + peak.getKey() + " had most memory, " + Numbers.bytes(peak.getValue()))
            .orElse("");
    return String.format(
        Locale.ROOT,
        "it took %.0f CPU-seconds, an estimated %.1f kJ (%.0f W for a busy core, not measured)%s",
        all,
        estimatedJoules / 1000,
        wattsPerCore,
        most);
  }
}
