package fedllm.bench.aggregate;

import com.sun.management.ThreadMXBean;
import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Tensor;
import fedllm.api.tensor.Unit;
import fedllm.bench.Row;
import fedllm.testkit.TestOptions;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * LoRA factors of a 7B model's seven linear layers in each of 32 layers, from ten clients of ranks
 * 64 to 4 (16 on average), all random: fold and step of each module, one thread. A module's values
 * are made outside of what is measured. Memory is all that is allocated for the dearest module's
 * fold and step, and its factors: what lives at any time is less.
 */
final class MixedRanks {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int[] RANKS = {64, 32, 16, 16, 8, 8, 4, 4, 4, 4};
  private static final int GLOBAL = 64;
  private static final int MEAN = 16;
  private static final int HIDDEN = 4096;
  private static final int FEED_FORWARD = 11008;

  private final Scope scope = new Scope("bench", "server", 1);
  private final List<Member> members = new ArrayList<>();
  private final List<Schema> updates = new ArrayList<>();
  private final Schema global;
  private final long oneUpdate;

  MixedRanks(int layers) {
    for (int k = 0; k < RANKS.length; k++) {
      members.add(new Member("client-" + k, 100 + 10L * k));
      updates.add(schema(layers, RANKS[k]));
    }
    global = schema(layers, GLOBAL);
    oneUpdate = 4 * schema(layers, MEAN).size();
  }

  private static Schema schema(int layers, long rank) {
    List<Tensor> tensors = new ArrayList<>();
    for (int layer = 0; layer < layers; layer++) {
      for (String name : List.of("q", "k", "v", "o", "gate", "up", "down")) {
        long in = name.equals("down") ? FEED_FORWARD : HIDDEN;
        long out = name.equals("gate") || name.equals("up") ? FEED_FORWARD : HIDDEN;
        String module = layer + "." + name;
        tensors.add(new Tensor(module, "lora_A.weight", List.of(rank, in)));
        tensors.add(new Tensor(module, "lora_B.weight", List.of(out, rank)));
      }
    }
    return new Schema(tensors);
  }

  private record InPlace(Member member, List<Tensor> tensors, float[] values) implements Part {}

  List<Row> measure(String name, AggregationStrategy strategy, ServerOptimizer optimizer) {
    Options none = TestOptions.none();
    Round round = new Round(1, members, updates, global, scope);
    Schema combined = strategy.combined(none, round);
    Descent descent = optimizer.open(none, scope);
    descent.begin(1);
    Schema next = descent.next(global, combined);
    Aggregation aggregation = strategy.open(none, round);
    List<List<Unit>> own = updates.stream().map(Schema::modules).toList();
    Block block = new Block();
    long cpu = 0;
    long wall = 0;
    long most = 0;
    long factors = 0;
    for (int m = 0; m < next.modules().size(); m++) {
      List<Part> parts = new ArrayList<>();
      for (int k = 0; k < RANKS.length; k++) {
        Unit unit = own.get(k).get(m);
        parts.add(new InPlace(members.get(k), unit.tensors(), random(unit, m * 16 + k)));
      }
      Unit folded = combined.modules().get(m);
      Unit stepped = next.modules().get(m);
      float[] state = random(global.modules().get(m), m);
      long startBytes = THREADS.getCurrentThreadAllocatedBytes();
      long startWall = System.nanoTime();
      long startCpu = THREADS.getCurrentThreadCpuTime();
      block.reset(folded.length());
      aggregation.fold(folded, parts, block);
      float[] update = new float[folded.length()];
      block.copyTo(update);
      float[] result = new float[stepped.length()];
      descent.step(stepped, state, update, result);
      cpu += THREADS.getCurrentThreadCpuTime() - startCpu;
      wall += System.nanoTime() - startWall;
      factors = Math.max(factors, parts.stream().mapToLong(p -> 4L * p.values().length).sum());
      long allocated = THREADS.getCurrentThreadAllocatedBytes() - startBytes;
      most =
          Math.max(most, allocated + parts.stream().mapToLong(p -> 4L * p.values().length).sum());
    }
    double bound = (2 * oneUpdate + factors) / 1e6;
    return List.of(
        new Row(name + ".cpuSeconds", cpu / 1e9, "CPU-s", 120),
        new Row(name + ".seconds", wall / 1e9, "s", 60),
        new Row(name + ".allocatedMB", most / 1e6, "MB", bound));
  }

  private static float[] random(Unit unit, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[unit.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextDouble() - 0.5f;
    }
    return values;
  }
}
