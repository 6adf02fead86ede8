package fedllm.recipe;

import fedllm.shell.Columns;
import fedllm.shell.Numbers;
import java.util.Locale;
import java.util.Map;

/** Figures as a table for people, a row each. */
final class FigureTable {

  private FigureTable() {}

  static Columns of(Map<String, Figures> figures) {
    String metric = figures.values().stream().map(Figures::metric).findFirst().orElse("");
    Columns table =
        Columns.of(
            "",
            metric.toUpperCase(Locale.ROOT),
            "OWN",
            "UP/ROUND",
            "DOWN/ROUND",
            "SECONDS",
            "CPU",
            "SILO PEAK",
            "SERVER PEAK");
    figures.forEach(
        (name, of) ->
            table.row(
                name,
                plain(of, metric, "%.3f"),
                plain(of, "own", "%.3f"),
                bytes(of, "bytesUp"),
                bytes(of, "bytesDown"),
                plain(of, "seconds", "%.1f"),
                plain(of, "cpuSeconds", "%.1f"),
                bytes(of, "siloPeakBytes"),
                bytes(of, "serverPeakBytes")));
    return table;
  }

  private static String plain(Figures of, String number, String form) {
    Double value = of.numbers().get(number);
    return value == null ? "-" : String.format(Locale.ROOT, form, value);
  }

  private static String bytes(Figures of, String number) {
    Double value = of.numbers().get(number);
    return value == null ? "-" : Numbers.bytes(Math.round(value));
  }
}
