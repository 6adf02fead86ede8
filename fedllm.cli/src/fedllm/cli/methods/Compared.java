package fedllm.cli.methods;

import com.fasterxml.jackson.databind.ObjectMapper;
import fedllm.shell.Numbers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What {@code ./fedllm compare} measured, as it is kept beside the documentation.
 *
 * @param task what all ran on
 * @param seeds how many runs each row is of
 * @param metric what silos measured, such as {@code loss}
 * @param rows what was compared
 */
public record Compared(String task, int seeds, String metric, List<Row> rows) {

  /**
   * One of those that are compared, its means over seeds; a number that was not measured is null.
   *
   * @param name the recipe, {@code local-only} or {@code pooled}
   * @param title what people call it
   * @param paper where it was published, or empty
   * @param mean of the metric over all silos' held-out texts
   * @param deviation of the metric over seeds
   * @param own the metric where each silo measures the model that it ends with
   * @param ownDeviation of that over seeds
   * @param bytesUp of one client in one round
   * @param bytesDown of one client in one round
   * @param seconds of a run
   * @param cpuSeconds of a run, all processes but the broker
   * @param siloPeakBytes the most memory of any silo
   * @param serverPeakBytes the most memory of the server
   * @param curve the metric by round; null where it was not measured
   * @param failure why there is nothing, or not of all seeds; empty otherwise
   */
  public record Row(
      String name,
      String title,
      String paper,
      Double mean,
      Double deviation,
      Double own,
      Double ownDeviation,
      Double bytesUp,
      Double bytesDown,
      Double seconds,
      Double cpuSeconds,
      Double siloPeakBytes,
      Double serverPeakBytes,
      List<Double> curve,
      String failure) {}

  /** The table that is kept beside the documentation; null where there is none. */
  public static Compared kept(Path root) throws IOException {
    Path file = file(root);
    return Files.exists(file)
        ? new ObjectMapper().readValue(Files.readAllBytes(file), Compared.class)
        : null;
  }

  /** Where it is kept. */
  public static Path file(Path root) {
    return root.resolve("docs/compare.json");
  }

  /** The columns as people see them, the name first. */
  public static List<String> titles(String metric) {
    return List.of(
        "",
        metric.toUpperCase(Locale.ROOT),
        "OWN",
        "UP/ROUND",
        "DOWN/ROUND",
        "SECONDS",
        "CPU",
        "SILO PEAK",
        "SERVER PEAK");
  }

  /** A row as people see it. */
  public static List<String> cells(Row row) {
    return List.of(
        row.name(),
        spread(row.mean(), row.deviation()),
        spread(row.own(), row.ownDeviation()),
        bytes(row.bytesUp()),
        bytes(row.bytesDown()),
        plain(row.seconds()),
        plain(row.cpuSeconds()),
        bytes(row.siloPeakBytes()),
        bytes(row.serverPeakBytes()));
  }

  private static String spread(Double mean, Double deviation) {
    if (mean == null) {
      return "-";
    }
    String text = String.format(Locale.ROOT, "%.3f", mean);
    return deviation == null ? text : text + String.format(Locale.ROOT, " ± %.3f", deviation);
  }

  private static String plain(Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.1f", value);
  }

  private static String bytes(Double value) {
    return value == null ? "-" : Numbers.bytes(Math.round(value));
  }

  /** The section of docs/methods.md. */
  public String markdown() {
    StringBuilder page = new StringBuilder();
    page.append("\n## Compared\n\n");
    page.append(
        """
        Made by `./fedllm compare --all --seeds %d --keep`: every recipe on the task `%s`, %s, beside each silo alone
        (`local-only`), FedIT and pooled training (one silo with everybody's texts and as many steps as each silo). `%s` is the mean
        over all silos' held-out texts, `own` that of each silo's own model on its own; bytes are of one client in one round; ± is the
        standard deviation over seeds. Seconds are of the machine that ran it, with all silos on its cores.

        ![Curves](compare.png)

        """
            .formatted(seeds, task, seeds == 1 ? "one seed" : seeds + " seeds", metric));
    line(page, titles(metric).stream().map(title -> title.toLowerCase(Locale.ROOT)).toList());
    line(page, titles(metric).stream().map(title -> "---").toList());
    rows.forEach(row -> line(page, failed(row)));
    return page.toString();
  }

  private static List<String> failed(Row row) {
    if (row.failure().isEmpty()) {
      return cells(row);
    }
    List<String> cells = new ArrayList<>(cells(row));
    cells.set(0, row.name() + ", which failed: " + row.failure().replace("|", "\\|"));
    return cells;
  }

  private static void line(StringBuilder page, List<String> cells) {
    page.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
