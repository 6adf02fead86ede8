package fedllm.cli.run;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunView;
import fedllm.cli.job.Job;
import fedllm.shell.Columns;
import fedllm.shell.Headline;
import fedllm.shell.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * What every silo measured on its held-out texts, by who trained: a table for each number.
 *
 * @param silos whose held-out texts they are, in the job's order
 * @param tables what was measured
 */
public record Comparison(List<String> silos, List<Table> tables) {

  /**
   * One number of a table.
   *
   * @param row who trained
   * @param heldOut the silo, or {@code mean}
   * @param metric what it is, such as {@code loss} in nats per token
   * @param value the number
   */
  public record Cell(String row, String heldOut, String metric, double value) {}

  /**
   * All of one kind.
   *
   * @param rows values by silo, by row
   */
  record Table(Headline headline, Map<String, Map<String, Double>> rows) {}

  /** The tables of a federated run, and of others by the name of their row. */
  public static Comparison of(List<String> silos, RunView federated, Map<String, RunView> others) {
    return new Comparison(
        silos,
        Headline.of(federated).stream()
            .map(headline -> new Table(headline, rows(headline, federated, others)))
            .toList());
  }

  private static Map<String, Map<String, Double>> rows(
      Headline headline, RunView federated, Map<String, RunView> others) {
    Map<String, Map<String, Double>> rows = new LinkedHashMap<>();
    federated.rounds().stream()
        .limit(1)
        .forEach(round -> rows.put("base", measured(headline, round)));
    others.forEach((row, run) -> rows.put(row, last(headline, run)));
    Map<String, Double> pooled = rows.remove(Job.POOLED);
    rows.put("federated", last(headline, federated));
    if (pooled != null) {
      rows.put(Job.POOLED, pooled);
    }
    return rows;
  }

  private static Map<String, Double> last(Headline headline, RunView run) {
    int rounds = run.rounds().size();
    return rounds == 0 ? Map.of() : measured(headline, run.rounds().get(rounds - 1));
  }

  private static Map<String, Double> measured(Headline headline, RoundView round) {
    Map<String, Double> measured = new LinkedHashMap<>();
    round
        .metrics()
        .forEach(
            (silo, metrics) -> {
              if (metrics.containsKey(headline.metric())) {
                measured.put(silo, metrics.get(headline.metric()));
              }
            });
    return measured;
  }

  /** Every number, the mean last in each row; what was not measured is not there. */
  public List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (Table table : tables) {
      String metric = table.headline().metric();
      table
          .rows()
          .forEach(
              (row, values) -> {
                for (String silo : silos) {
                  if (values.containsKey(silo)) {
                    cells.add(new Cell(row, silo, metric, values.get(silo)));
                  }
                }
                OptionalDouble mean = mean(values);
                if (mean.isPresent()) {
                  cells.add(new Cell(row, "mean", metric, mean.getAsDouble()));
                }
              });
    }
    return cells;
  }

  /** For people. */
  @Override
  public String toString() {
    return tables.stream().map(this::text).collect(Collectors.joining("\n"));
  }

  private String text(Table table) {
    String title = table.headline().title().toUpperCase(Locale.ROOT);
    List<String> titles = new ArrayList<>();
    titles.add(title.equals("LOSS") ? "LOSS (NATS/TOKEN)" : title);
    titles.addAll(silos);
    titles.add("MEAN");
    Columns text = Columns.of(titles.toArray(String[]::new));
    table
        .rows()
        .forEach(
            (row, values) -> {
              List<String> cells = new ArrayList<>(List.of(row));
              for (String silo : silos) {
                Double value = values.get(silo);
                cells.add(
                    Numbers.metric(
                        value == null ? OptionalDouble.empty() : OptionalDouble.of(value)));
              }
              cells.add(Numbers.metric(mean(values)));
              text.row(cells.toArray());
            });
    return text.toString();
  }

  /** Only where every silo measured; a mean of some would flatter. */
  private OptionalDouble mean(Map<String, Double> values) {
    return values.keySet().containsAll(silos)
        ? silos.stream().mapToDouble(values::get).average()
        : OptionalDouble.empty();
  }
}
