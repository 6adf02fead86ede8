package fedllm.bench.training;

import fedllm.bench.Row;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Precision;
import fedllm.learning.base.Route;
import fedllm.learning.kernel.Trace;
import fedllm.models.llama.Llama;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Steps by every route, in turns with products of square matrices by the same route. */
final class Steps {

  private static final double TOKENS = Learner.ROWS * Learner.LENGTH;

  private final PrintStream out;
  private final Shape shape;
  private final int turns;
  private final int steps;

  Steps(PrintStream out, Shape shape, boolean quick) {
    this.out = out;
    this.shape = shape;
    this.turns = quick ? 3 : 9;
    this.steps = shape.layers() > 6 ? 2 : 6;
  }

  /** One route's turns. */
  private static final class Lane implements AutoCloseable {
    private final Learner learner;
    private final Gemm limit;
    private final double[] seconds;
    private final double[] flops;

    Lane(Route route, Path model, int steps, int turns) {
      Bases bases = new Bases(List.of(new Llama()), Precision.of(route));
      learner = new Learner(bases, model, "bank", steps, Map.of());
      limit = new Gemm(route);
      seconds = new double[turns];
      flops = new double[turns];
    }

    void turn(int turn, int steps) {
      double step = Clock.cpuSeconds(learner::round) / steps;
      double most = limit.flops();
      if (turn >= 0) {
        seconds[turn] = step;
        flops[turn] = most;
      }
    }

    @Override
    public void close() {
      learner.close();
      limit.close();
    }
  }

  List<Row> measure(Path model) {
    Map<Route, Lane> lanes = new EnumMap<>(Route.class);
    for (Route route : Route.values()) {
      lanes.put(route, new Lane(route, model, steps, turns));
    }
    for (int turn = -1; turn < turns; turn++) { // the first one warms up
      for (Lane lane : lanes.values()) {
        lane.turn(turn, steps);
      }
    }
    List<Row> rows = new ArrayList<>();
    lanes.forEach((route, lane) -> rows.addAll(rows(route, lane)));
    lanes.values().forEach(Lane::close);
    return rows;
  }

  private List<Row> rows(Route route, Lane lane) {
    String name = "training." + shape.name() + "." + route.name().toLowerCase(Locale.ROOT) + ".";
    double perSecond = TOKENS / Clock.median(lane.seconds);
    double most = Clock.median(lane.flops) / shape.stepFlops(Learner.LENGTH);
    List<Row> rows = new ArrayList<>();
    rows.add(new Row(name + "tokensPerSecond", perSecond, "1/CPU-s", most));
    rows.add(new Row(name + "mfu", perSecond / most, "", 1));
    Map<String, Double> parts = Parts.of(Trace.of(lane.learner::round));
    double all = parts.values().stream().mapToDouble(ms -> ms).sum();
    double java = Clock.median(lane.seconds) * 1000 - all / steps;
    out.printf(
        Locale.ROOT,
        "%s one step %.0f ms on the clock of the engine, %.0f ms of processor outside it:",
        name,
        all / steps,
        Math.max(0, java));
    parts.forEach((part, ms) -> out.printf(Locale.ROOT, " %s %.1f %%", part, 100 * ms / all));
    out.println();
    return rows;
  }
}
