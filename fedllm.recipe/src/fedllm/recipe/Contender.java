package fedllm.recipe;

import fedllm.cli.methods.Compared;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.DoubleStream;

/** One row of a comparison, which grows by a run of each seed. Used by one thread. */
final class Contender {

  private final String name;
  private final String title;
  private final String paper;
  private final boolean personal;
  private final List<Figures> runs = new ArrayList<>();
  private String failure = "";

  /** A row of a recipe. */
  Contender(Recipe recipe) {
    this(recipe.name(), recipe.title(), recipe.paper(), recipe.personal());
  }

  /** A row of what is trained beside a federation. */
  Contender(String name, String title) {
    this(name, title, "", false);
  }

  private Contender(String name, String title, String paper, boolean personal) {
    this.name = name;
    this.title = title;
    this.paper = paper;
    this.personal = personal;
  }

  void add(Figures figures) {
    runs.add(figures);
  }

  void failed(long seed, String why) {
    String line = why.lines().findFirst().orElse("");
    failure += (failure.isEmpty() ? "" : "; ") + "seed " + seed + ": " + line;
  }

  boolean hasFailed() {
    return !failure.isEmpty();
  }

  String name() {
    return name;
  }

  /** The mean of a number over the seeds that were measured; NaN where none was. */
  double mean(String number) {
    return values(number).average().orElse(Double.NaN);
  }

  private DoubleStream values(String number) {
    return runs.stream()
        .map(run -> run.numbers().get(number))
        .filter(Objects::nonNull)
        .mapToDouble(value -> value);
  }

  /** Of a sample, by n - 1; null where there are not two. */
  private Double deviation(String number) {
    double[] values = values(number).toArray();
    if (values.length < 2) {
      return null;
    }
    double mean = mean(number);
    double squares = DoubleStream.of(values).map(value -> (value - mean) * (value - mean)).sum();
    return Math.sqrt(squares / (values.length - 1));
  }

  private Double orNull(String number) {
    double mean = mean(number);
    return Double.isNaN(mean) ? null : mean;
  }

  private Double most(String number) {
    return values(number).boxed().max(Double::compare).orElse(null);
  }

  /** As it stands now; one whose silos measure models of their own has no common one. */
  Compared.Row row(String metric) {
    return new Compared.Row(
        name,
        title,
        paper,
        personal ? null : orNull(metric),
        personal ? null : deviation(metric),
        orNull("own"),
        deviation("own"),
        orNull("bytesUp"),
        orNull("bytesDown"),
        orNull("seconds"),
        orNull("cpuSeconds"),
        most("siloPeakBytes"),
        most("serverPeakBytes"),
        curve(),
        failure);
  }

  private List<Double> curve() {
    int rounds = runs.stream().mapToInt(run -> run.curve().size()).min().orElse(0);
    List<Double> curve = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      int at = round;
      List<Double> values = runs.stream().map(run -> run.curve().get(at)).toList();
      boolean all = values.stream().allMatch(Objects::nonNull);
      curve.add(all ? values.stream().mapToDouble(value -> value).average().orElseThrow() : null);
    }
    return curve;
  }

  String metric() {
    return runs.stream().map(Figures::metric).filter(m -> !m.isEmpty()).findFirst().orElse("");
  }
}
