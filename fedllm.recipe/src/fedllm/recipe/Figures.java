package fedllm.recipe;

import fedllm.api.error.Refused;
import fedllm.cli.run.Comparison;
import fedllm.cli.run.Consumption;
import fedllm.cli.run.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;

/**
 * What was measured of a run.
 *
 * @param metric what silos measure by: the first number of the task's evaluator, such as {@code
 *     loss}; empty where nobody measured
 * @param numbers means over silos of what they measured last, and what the run took: {@code
 *     bytesUp}, {@code bytesDown} and both as {@code bytes} for each client and round, {@code
 *     seconds} and {@code cpuSeconds} of the whole run, {@code siloPeakBytes} of the silo that had
 *     most, {@code serverPeakBytes}, {@code rounds}; {@code own} is the metric where each silo
 *     measures the model that it ends with on its own texts
 * @param curve the metric's mean over silos by round, beginning with the state before the first;
 *     null where a round was not measured
 * @param sha256 of the last state; empty where there are several
 */
public record Figures(
    String metric, Map<String, Double> numbers, List<Double> curve, String sha256) {

  /** What is trained beside a federation, to compare with. */
  static final Set<String> REFERENCES = Set.of("alone", "pooled");

  /** Of a federated run. */
  static Figures of(Outcome outcome) {
    String metric = metric(outcome);
    Map<String, Double> numbers = new LinkedHashMap<>();
    List<Outcome.Closed> rounds = outcome.rounds();
    if (!rounds.isEmpty()) {
      numbers.putAll(means(rounds.get(rounds.size() - 1)));
    }
    if (numbers.containsKey(metric)) {
      numbers.put("own", numbers.get(metric));
    }
    long updates =
        rounds.stream()
            .filter(round -> round.number() > 0)
            .mapToLong(round -> round.clients().size())
            .sum();
    if (updates > 0) {
      numbers.put("bytesUp", (double) outcome.bytesUp() / updates);
      numbers.put("bytesDown", (double) outcome.bytesDown() / updates);
      numbers.put("bytes", numbers.get("bytesUp") + numbers.get("bytesDown"));
    }
    numbers.put("seconds", outcome.seconds().run());
    numbers.putAll(taken(outcome.cost()));
    numbers.put("rounds", (double) Math.max(0, rounds.size() - 1));
    return new Figures(metric, numbers, curve(rounds, metric), sha256(rounds));
  }

  /** Of a row of {@link #REFERENCES} that the run was compared with. */
  static Figures of(Outcome outcome, String reference) {
    String metric = metric(outcome);
    Map<String, Double> numbers = new LinkedHashMap<>();
    mean(outcome, metric, reference, false).ifPresent(value -> numbers.put(metric, value));
    mean(outcome, metric, reference, true).ifPresent(value -> numbers.put("own", value));
    outcome.others().entrySet().stream()
        .filter(other -> isOf(other.getKey(), reference))
        .mapToDouble(other -> other.getValue().seconds().run())
        .max()
        .ifPresent(seconds -> numbers.put("seconds", seconds));
    return new Figures(metric, numbers, List.of(), "");
  }

  private static String metric(Outcome outcome) {
    return outcome.table().isEmpty() ? "" : outcome.table().get(0).metric();
  }

  private static Map<String, Double> means(Outcome.Closed round) {
    Set<String> names = new TreeSet<>();
    round.metrics().values().forEach(metrics -> names.addAll(metrics.keySet()));
    Map<String, Double> means = new LinkedHashMap<>();
    names.forEach(name -> mean(round, name).ifPresent(mean -> means.put(name, mean)));
    return means;
  }

  private static OptionalDouble mean(Outcome.Closed round, String metric) {
    return round.metrics().values().stream()
        .filter(metrics -> metrics.containsKey(metric))
        .mapToDouble(metrics -> metrics.get(metric))
        .average();
  }

  private static List<Double> curve(List<Outcome.Closed> rounds, String metric) {
    List<Double> curve = new ArrayList<>();
    for (Outcome.Closed round : rounds) {
      OptionalDouble mean = mean(round, metric);
      curve.add(mean.isPresent() ? mean.getAsDouble() : null);
    }
    return curve;
  }

  private static String sha256(List<Outcome.Closed> rounds) {
    return rounds.isEmpty() ? "" : rounds.get(rounds.size() - 1).sha256();
  }

  private static Map<String, Double> taken(Consumption cost) {
    Map<String, Double> taken = new LinkedHashMap<>();
    double cpu = cost.cpuSeconds().values().stream().mapToDouble(seconds -> seconds).sum();
    taken.put("cpuSeconds", cpu);
    cost.peakBytes().entrySet().stream()
        .filter(peak -> !peak.getKey().equals("server"))
        .mapToDouble(Map.Entry::getValue)
        .max()
        .ifPresent(peak -> taken.put("siloPeakBytes", peak));
    if (cost.peakBytes().containsKey("server")) {
      taken.put("serverPeakBytes", (double) cost.peakBytes().get("server"));
    }
    return taken;
  }

  /** Over all rows of a reference, of everybody's texts or of those of the silo that trained. */
  private static OptionalDouble mean(Outcome of, String metric, String reference, boolean own) {
    return of.table().stream()
        .filter(cell -> cell.metric().equals(metric) && isOf(cell.row(), reference))
        .filter(cell -> own ? isOwn(cell) : cell.heldOut().equals("mean"))
        .mapToDouble(Comparison.Cell::value)
        .average();
  }

  private static boolean isOf(String row, String reference) {
    return row.equals(reference) || row.startsWith(reference + ": ");
  }

  private static boolean isOwn(Comparison.Cell cell) {
    return cell.row().endsWith(": " + cell.heldOut())
        || (cell.row().equals("pooled") && cell.heldOut().equals("mean"));
  }

  /** One of the numbers; a name that none has is refused with those that are there. */
  public double number(String name) {
    Double value = numbers.get(name);
    if (value == null) {
      throw new Refused("nobody measured " + name + "; measured are " + numbers.keySet());
    }
    return value;
  }
}
