package fedllm.bench.aggregate;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.strategy.Units;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.bench.Row;
import fedllm.runtime.server.Cut;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * All clients' updates in memory, cut as a server's fold cuts them. Speeds are the bytes of all
 * updates, counted once, by this thread's processor time for all that a strategy does: survey, fold
 * and the rounding of the result.
 */
final class InMemory {

  private static final int TIMES = 9;
  private static final int WARM_UP = 4;

  private final Schema schema;
  private final List<Member> members = new ArrayList<>();
  private final List<Unit> units = new ArrayList<>();
  private final List<List<Part>> parts = new ArrayList<>();
  private final float[] sink = new float[Unit.MAX_VALUES];

  private record InPlace(Member member, List<Tensor> tensors, float[] values) implements Part {}

  InMemory(int clients, int megabytes) {
    schema = new Schema(List.of(new Tensor("m", "w", List.of((long) megabytes << 18))));
    for (int i = 0; i < clients; i++) {
      members.add(new Member("client-" + i, 100 + i));
    }
    SplittableRandom random = new SplittableRandom(1);
    for (Unit unit : new Cut(schema, Units.COLUMNS, clients)) {
      List<Part> all = new ArrayList<>();
      for (Member member : members) {
        float[] values = new float[unit.length()];
        for (int k = 0; k < values.length; k++) {
          values[k] = (float) random.nextDouble() - 0.5f;
        }
        all.add(new InPlace(member, unit.tensors(), values));
      }
      units.add(unit);
      parts.add(all);
    }
  }

  /** Read and aggregated in turns; the median of each. */
  Row measure(String name, AggregationStrategy strategy, Options options) {
    double[] reads = new double[TIMES];
    double[] aggregations = new double[TIMES];
    for (int i = -WARM_UP; i < TIMES; i++) {
      double read = cpuSeconds(this::read);
      double aggregation = cpuSeconds(() -> aggregate(strategy, options));
      if (i >= 0) {
        reads[i] = read;
        aggregations[i] = aggregation;
      }
    }
    double gigabytes = 4.0 * schema.size() * members.size() / 1e9;
    return new Row(name, gigabytes / median(aggregations), "GB/s", gigabytes / median(reads));
  }

  /** Copies everything to one place that stays in the processor's own cache. */
  private void read() {
    for (int u = 0; u < units.size(); u++) {
      for (Part part : parts.get(u)) {
        System.arraycopy(part.values(), 0, sink, 0, units.get(u).length());
      }
    }
  }

  private void aggregate(AggregationStrategy strategy, Options options) {
    strategy.admit(options, members.size());
    Round round = new Round(1, members, schema, new Scope("bench", "server", 1));
    Aggregation aggregation = strategy.open(options, round);
    for (int u = 0; aggregation.surveys() && u < units.size(); u++) {
      aggregation.survey(units.get(u), parts.get(u));
    }
    Block block = new Block();
    for (int u = 0; u < units.size(); u++) {
      block.reset(units.get(u).length());
      aggregation.fold(units.get(u), parts.get(u), block);
      block.copyTo(sink);
    }
  }

  private static double cpuSeconds(Runnable work) {
    long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    work.run();
    return (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before) / 1e9;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
