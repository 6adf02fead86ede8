package fedllm.bench.aggregate;

import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.plugin.Options;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.bench.Main;
import fedllm.bench.Row;
import fedllm.strategies.fedavg.FedAvg;
import fedllm.strategies.flexlora.FlexLora;
import fedllm.strategies.flora.Flora;
import fedllm.strategies.geometricmedian.GeometricMedian;
import fedllm.strategies.hetlora.HetLora;
import fedllm.strategies.krum.Krum;
import fedllm.strategies.median.Median;
import fedllm.strategies.replace.Replace;
import fedllm.strategies.stack.Stack;
import fedllm.strategies.trimmedmean.TrimmedMean;
import fedllm.testkit.TestOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Strategies over updates in memory, one thread, beside a plain read of the same bytes; then over
 * updates in the log, as a server folds them, beside a plain reader of the same topics.
 */
public final class AggregateBench implements Main.Bench {

  private final PrintStream out;

  /** Says what it does. */
  public AggregateBench(PrintStream out) {
    this.out = out;
  }

  /** Under the names of figures. */
  private static Map<String, AggregationStrategy> strategies() {
    Map<String, AggregationStrategy> all = new LinkedHashMap<>();
    all.put("mean", new FedAvg());
    all.put("median", new Median());
    all.put("trimmedmean", new TrimmedMean());
    all.put("krum", new Krum());
    all.put("geometricmedian", new GeometricMedian());
    return all;
  }

  private static Map<String, AggregationStrategy> mixed() {
    return Map.of("flexlora", new FlexLora(), "hetlora", new HetLora(), "flora", new Flora());
  }

  private static ServerOptimizer optimizer(String strategy) {
    return strategy.equals("flora") ? new Stack() : new Replace();
  }

  @Override
  public List<Row> run(String part, boolean quick) throws IOException {
    List<Row> rows = new ArrayList<>();
    Options options = TestOptions.none();
    boolean inMemory = strategies().keySet().stream().anyMatch(s -> (s + ".GBps").startsWith(part));
    if (inMemory) {
      InMemory updates = new InMemory(8, quick ? 8 : 64);
      strategies()
          .forEach(
              (name, strategy) -> {
                if ((name + ".GBps").startsWith(part)) {
                  out.println("measuring " + name + " in memory");
                  rows.add(updates.measure("aggregate." + name + ".GBps", strategy, options));
                }
              });
    }
    if ("log".startsWith(part) || part.startsWith("log.")) {
      try (FromLog log = new FromLog(32, quick ? 4 : 16)) {
        for (String name : List.of("mean", "median", "krum")) {
          if (("log." + name).startsWith(part)) {
            out.println("measuring " + name + " from the log");
            rows.addAll(log.measure("aggregate.log." + name, strategies().get(name), options));
          }
        }
      }
    }
    if ("ranks".startsWith(part) || part.startsWith("ranks.")) {
      MixedRanks ranks = new MixedRanks(quick ? 2 : 32);
      for (String name : List.of("flexlora", "hetlora", "flora")) {
        if (("ranks." + name).startsWith(part)) {
          out.println("measuring " + name + " over clients of ranks 4 to 64");
          rows.addAll(ranks.measure("aggregate.ranks." + name, mixed().get(name), optimizer(name)));
        }
      }
    }
    return rows;
  }
}
