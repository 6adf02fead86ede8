package fedllm.evaluate;

import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.cli.evaluate.EvaluateOptions;
import fedllm.learning.base.Compute;
import fedllm.learning.measure.Spent;
import fedllm.shell.Columns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** What was found, for people and for programs. */
final class Report {

  private final EvaluateOptions options;
  private final Compute compute;
  private final String storage;
  private final List<Measured> all = new ArrayList<>();
  private long weightBytes;
  private double openSeconds;

  Report(EvaluateOptions options, Compute compute, String storage) {
    this.options = options;
    this.compute = compute;
    this.storage = storage;
  }

  /** The model is in memory. */
  void opened(long bytes, double seconds) {
    weightBytes = bytes;
    openSeconds += seconds;
  }

  void add(Measured measured) {
    all.add(measured);
  }

  String text(OptionalLong peakBytes) {
    Columns numbers = Columns.of("METRIC", "NUMBER", "VALUE");
    Columns costs =
        Columns.of(
            "METRIC", "SECONDS", "CPU-SECONDS", "TOKENS/S", "TOKENS/CPU-S", "JOULES (ESTIMATED)");
    for (Measured measured : all) {
      String name = measured.metric();
      for (Map.Entry<String, Double> number : new TreeMap<>(measured.numbers()).entrySet()) {
        numbers.row(name, number.getKey(), number(number.getValue()));
        name = "";
      }
      Spent cost = measured.cost();
      costs.row(
          measured.metric(),
          format("%.2f", cost.seconds()),
          format("%.2f", cost.cpuSeconds()),
          format("%,.0f", measured.perSecond()),
          format("%,.0f", measured.perCpuSecond()),
          format("%.1f", cost.joules(options.watts())));
    }
    return numbers
        + "\n"
        + costs
        + String.format(
            Locale.ROOT,
            "%nweights %.1f MB in memory as %s, opened in %.2f s; the process had %s at most%n"
                + "computed by %s; joules are CPU-seconds times %s W a core, not measured%n",
            weightBytes / 1e6,
            storage,
            openSeconds,
            peakBytes.isEmpty()
                ? "(unknown)"
                : String.format(Locale.ROOT, "%.0f MB", peakBytes.getAsLong() / 1e6),
            compute,
            number(options.watts()));
  }

  void write(Path file, OptionalLong peakBytes) throws IOException {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("model", options.model().toString());
    root.put("adapter", options.adapter() == null ? null : options.adapter().toString());
    root.put("data", options.data().toString());
    root.put("compute", compute.route().title());
    root.put("device", compute.device());
    root.put("storage", storage);
    root.put("weightBytes", weightBytes);
    root.put("peakBytes", peakBytes.isEmpty() ? null : peakBytes.getAsLong());
    root.put("openSeconds", openSeconds);
    root.put("wattsPerCore", options.watts());
    Map<String, Object> metrics = new LinkedHashMap<>();
    for (Measured measured : all) {
      Map<String, Object> cost = new LinkedHashMap<>();
      cost.put("seconds", measured.cost().seconds());
      cost.put("cpuSeconds", measured.cost().cpuSeconds());
      cost.put("tokensPerSecond", measured.perSecond());
      cost.put("tokensPerCpuSecond", measured.perCpuSecond());
      cost.put("estimatedJoules", measured.cost().joules(options.watts()));
      metrics.put(
          measured.metric(), Map.of("numbers", new TreeMap<>(measured.numbers()), "cost", cost));
    }
    root.put("metrics", metrics);
    Files.write(file, new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
  }

  /** Whole numbers whole, others to six figures. */
  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? String.format(Locale.ROOT, "%,.0f", value)
        : String.format(Locale.ROOT, Math.abs(value) < 1e6 ? "%.5f" : "%.5e", value);
  }

  private static String format(String format, Double value) {
    return value == null ? "" : String.format(Locale.ROOT, format, value);
  }
}
