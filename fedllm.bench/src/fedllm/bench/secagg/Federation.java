package fedllm.bench.secagg;

import fedllm.api.data.Data;
import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.planner.Planning;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Scope;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.codecs.integers.Integers;
import fedllm.privacy.secagg.FixedPoint;
import fedllm.privacy.secagg.Masking;
import fedllm.privacy.secagg.SecAgg;
import fedllm.privacy.secagg.Turns;
import fedllm.privacy.secagg.Unmasking;
import fedllm.runtime.wire.Blocks;
import fedllm.runtime.wire.FrameEncoder;
import fedllm.runtime.wire.PayloadWriter;
import fedllm.strategies.add.Add;
import fedllm.strategies.everyone.Everyone;
import fedllm.strategies.fedavg.FedAvg;
import fedllm.testkit.OnePlace;
import fedllm.testkit.TestOptions;
import fedllm.trainers.noise.Noise;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Silos that send noise, and a server, on one thread. */
final class Federation {

  private static final int PHASES = 4;
  private static final int MASK = 3;
  private static final Scope SERVER = new Scope("bench", "server", 1);

  private final List<String> silos = new ArrayList<>();
  private final int dropped;
  private final Options noise;
  private OnePlace server;
  private double siloSeconds;
  private double serverSeconds;
  private long up;
  private long down;

  /**
   * What one aggregation took: of a silo that stays to the end, on average, and of the server.
   *
   * @param silo CPU seconds
   * @param server CPU seconds
   * @param up bytes
   * @param down bytes
   */
  record Cost(double silo, double server, double up, double down) {}

  Federation(int count, int dropped, int values) {
    for (int i = 0; i < count; i++) {
      silos.add("silo-%02d".formatted(i));
    }
    this.dropped = dropped;
    noise = TestOptions.of(Noise.Config.class, Map.of("bytes", 4L * values));
  }

  /** Those that are in the sum. */
  List<String> members() {
    return silos.subList(dropped, silos.size());
  }

  Tensors state() {
    return server.state();
  }

  /** Noise, too: zeros would travel as whole numbers, in a byte each. */
  Tensors initial() {
    Training training = training(new Noise(), noise, "initial");
    return training.train(work(1), training.initial().tensors()).update();
  }

  String name(int tensor) {
    return initial().schema().tensors().get(tensor).name();
  }

  /** What a silo learns. */
  Tensors update(String silo) {
    return training(new Noise(), noise, silo).train(work(1), initial()).update();
  }

  private static Training training(Trainer trainer, Options options, String silo) {
    return trainer.open(options, new BenchSite(silo));
  }

  private static Work work(int round) {
    return new Work(round, PHASES, Map.of(), (what, done, of) -> {});
  }

  private static Options none(Class<?> plugin) {
    return TestOptions.ofPlugin(plugin, Map.of());
  }

  /** One round of FedAvg. */
  Cost plain() throws IOException {
    Choice<AggregationStrategy> strategy = new Choice<>(new FedAvg(), none(FedAvg.class));
    Planning planning = new Everyone().open(none(Everyone.class), SERVER);
    return aggregate(
        strategy, new Add().open(none(Add.class), SERVER), planning, new Noise(), noise, 1);
  }

  /** One secure aggregation. */
  Cost secure(FixedPoint rule) throws IOException {
    Options options =
        TestOptions.of(
            SecAgg.Config.class,
            Map.of(
                "threshold", rule.threshold(),
                "bits", rule.bits(),
                "clip", rule.clip(),
                "maxWeight", rule.maxWeight()));
    ServerOptimizer add = new Add();
    Descent descent =
        new Unmasking().open(TestOptions.none().with("of", add, none(Add.class)), SERVER);
    Planning planning =
        new Turns()
            .open(TestOptions.none().with("of", new Everyone(), none(Everyone.class)), SERVER);
    return aggregate(
        new Choice<>(new SecAgg(), options),
        descent,
        planning,
        new Masking(),
        TestOptions.none().with("of", new Noise(), noise),
        PHASES);
  }

  private Cost aggregate(
      Choice<AggregationStrategy> strategy,
      Descent descent,
      Planning planning,
      Trainer trainer,
      Options options,
      int rounds)
      throws IOException {
    server = new OnePlace(strategy, initial());
    SortedMap<String, Training> trainings = new TreeMap<>();
    silos.forEach(silo -> trainings.put(silo, training(trainer, options, silo)));
    for (int round = 1; round <= rounds; round++) {
      if (round == Math.min(rounds, MASK)) {
        trainings.keySet().removeAll(silos.subList(0, dropped));
      }
      Tensors broadcast = server.broadcast(planning);
      down += bytes(broadcast, rounds > 1);
      SortedMap<String, Learned> updates = new TreeMap<>();
      for (Map.Entry<String, Training> silo : trainings.entrySet()) {
        double before = cpuSeconds();
        Learned learned = silo.getValue().train(work(round), broadcast);
        long sent = bytes(learned.update(), rounds > 1);
        if (members().contains(silo.getKey())) {
          siloSeconds += cpuSeconds() - before;
          up += sent;
        }
        updates.put(silo.getKey(), learned);
      }
      double before = cpuSeconds();
      server.close(updates, descent);
      serverSeconds += cpuSeconds() - before;
    }
    double count = members().size();
    return new Cost(siloSeconds / count, serverSeconds, up / count, down);
  }

  /** Of the stream that a silo writes or reads. */
  private static long bytes(Tensors tensors, boolean coded) throws IOException {
    FrameEncoder chain =
        coded
            ? new FrameEncoder(
                List.of("integers"),
                List.of(new Integers().encoder(TestOptions.none(), SERVER)),
                List.of())
            : FrameEncoder.plain();
    return new PayloadWriter(chain)
        .write(1, tensors.schema(), Blocks.of(tensors), Map.of(), chunk -> {})
        .bytes();
  }

  private static double cpuSeconds() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
  }

  private record BenchSite(String silo) implements Site {

    @Override
    public Scope scope() {
      return new Scope("bench", silo, 1);
    }

    @Override
    public Path base() {
      throw new UnsupportedOperationException("noise needs no base");
    }

    @Override
    public Data data() {
      throw new UnsupportedOperationException("noise needs no data");
    }

    @Override
    public <K> Choice<K> choice(String key, Class<K> contract) {
      throw new UnsupportedOperationException("noise needs no " + key);
    }
  }
}
