package fedllm.cli.run;

import fedllm.api.run.RoundView;
import fedllm.api.run.RunView;
import fedllm.cli.job.Job;
import fedllm.shell.Columns;
import fedllm.shell.Numbers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Held-out losses of every silo, by who trained.
 *
 * @param silos whose held-out texts they are, in the job's order
 * @param rows losses by silo, by row
 */
public record Comparison(List<String> silos, Map<String, Map<String, Double>> rows) {

  /** What the losses are. */
  public static final String METRIC = "loss";

  /**
   * One number of the table.
   *
   * @param row who trained
   * @param heldOut the silo, or {@code mean}
   * @param metric {@link #METRIC}: nats per token
   * @param value the number
   */
  public record Cell(String row, String heldOut, String metric, double value) {}

  /** The table of a federated run, and of others by the name of their row. */
  public static Comparison of(List<String> silos, RunView federated, Map<String, RunView> others) {
    Map<String, Map<String, Double>> rows = new LinkedHashMap<>();
    federated.rounds().stream().limit(1).forEach(round -> rows.put("base", losses(round)));
    others.forEach((row, run) -> rows.put(row, lastLosses(run)));
    Map<String, Double> pooled = rows.remove(Job.POOLED);
    rows.put("federated", lastLosses(federated));
    if (pooled != null) {
      rows.put(Job.POOLED, pooled);
    }
    return new Comparison(silos, rows);
  }

  private static Map<String, Double> lastLosses(RunView run) {
    int rounds = run.rounds().size();
    return rounds == 0 ? Map.of() : losses(run.rounds().get(rounds - 1));
  }

  private static Map<String, Double> losses(RoundView round) {
    Map<String, Double> losses = new LinkedHashMap<>();
    round
        .metrics()
        .forEach(
            (silo, metrics) -> {
              if (metrics.containsKey(METRIC)) {
                losses.put(silo, metrics.get(METRIC));
              }
            });
    return losses;
  }

  /** Every number, the mean last in each row; what was not measured is not there. */
  public List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    rows.forEach(
        (row, losses) -> {
          for (String silo : silos) {
            if (losses.containsKey(silo)) {
              cells.add(new Cell(row, silo, METRIC, losses.get(silo)));
            }
          }
          OptionalDouble mean = mean(losses);
          if (mean.isPresent()) {
            cells.add(new Cell(row, "mean", METRIC, mean.getAsDouble()));
          }
        });
    return cells;
  }

  /** For people. */
  @Override
  public String toString() {
    List<String> titles = new ArrayList<>(List.of("LOSS (NATS/TOKEN)"));
    titles.addAll(silos);
    titles.add("MEAN");
    Columns table = Columns.of(titles.toArray(String[]::new));
    rows.forEach(
        (row, losses) -> {
          List<String> cells = new ArrayList<>(List.of(row));
          for (String silo : silos) {
            Double loss = losses.get(silo);
            cells.add(
                Numbers.loss(loss == null ? OptionalDouble.empty() : OptionalDouble.of(loss)));
          }
          cells.add(Numbers.loss(mean(losses)));
          table.row(cells.toArray());
        });
    return table.toString();
  }

  /** Only where every silo measured; a mean of some would flatter. */
  private OptionalDouble mean(Map<String, Double> losses) {
    return losses.keySet().containsAll(silos)
        ? silos.stream().mapToDouble(losses::get).average()
        : OptionalDouble.empty();
  }
}
