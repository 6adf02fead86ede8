package fedllm.bench.training;

import fedllm.bench.Row;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Precision;
import fedllm.learning.base.Route;
import fedllm.models.llama.Llama;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.ToDoubleFunction;

/** Several clients of one base in one JVM, their memory, and what checkpoints save. */
final class Clients {

  private static final int STEPS = 4;

  private final Path model;
  private final int turns;

  Clients(Path model, boolean quick) {
    this.model = model;
    this.turns = quick ? 3 : 7;
  }

  List<Row> measure() {
    List<Row> rows = new ArrayList<>();
    Bases bases = new Bases(List.of(new Llama()), Precision.of(Route.BF16));
    rows.addAll(checkpoints(bases));
    try (Learner one = new Learner(bases, model, "bank", STEPS, Map.of())) {
      one.round();
      long before = Memory.outsideHeap();
      try (Learner two = new Learner(bases, model, "school", STEPS, Map.of())) {
        two.round();
        double baseBytes = Shape.SMALL.weightBytes();
        rows.add(
            new Row(
                "training.secondClient.memory",
                (Memory.outsideHeap() - before) / 1e6,
                "MB",
                baseBytes / 1e6));
        rows.addAll(sideBySide(one, two));
      }
    }
    return rows;
  }

  /**
   * The best turns count, for whatever else the machine does only slows them. Two clients on a busy
   * machine share its processors with others; what their steps take of a processor tells then
   * whether they are in each other's way.
   */
  private List<Row> sideBySide(Learner one, Learner two) {
    Took[] alone = new Took[turns];
    Took[] together = new Took[turns];
    for (int turn = 0; turn < turns; turn++) {
      alone[turn] = took(List.of(one));
      together[turn] = took(List.of(one, two));
    }
    double times = 2 * best(alone, Took::seconds) / best(together, Took::seconds);
    double cpu = best(together, Took::cpuSeconds) / 2 / best(alone, Took::cpuSeconds);
    return List.of(
        new Row("training.twoClients.speedup", times, "times", 2),
        new Row("training.twoClients.cpu", cpu, "times", 1));
  }

  private static double best(Took[] turns, ToDoubleFunction<Took> of) {
    return Arrays.stream(turns).mapToDouble(of).min().orElseThrow();
  }

  /**
   * What a round of some clients took.
   *
   * @param seconds on the clock
   * @param cpuSeconds of all their threads
   */
  private record Took(double seconds, double cpuSeconds) {}

  private static Took took(List<Learner> learners) {
    DoubleAdder cpuSeconds = new DoubleAdder();
    List<Thread> threads = new ArrayList<>();
    for (Learner learner : learners) {
      threads.add(new Thread(() -> cpuSeconds.add(Clock.cpuSeconds(learner::round))));
    }
    long start = System.nanoTime();
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException("the measurement was interrupted", e);
      }
    }
    return new Took((System.nanoTime() - start) / 1e9, cpuSeconds.sum());
  }

  /** Before anything else: what the engine once had from the system it keeps. */
  private List<Row> checkpoints(Bases bases) {
    double[] kept = new double[turns];
    double[] again = new double[turns];
    try (Learner checkpointed =
            new Learner(bases, model, "bank", STEPS, Map.of("checkpoint", true));
        Learner plain = new Learner(bases, model, "bank", STEPS, Map.of())) {
      long before = Memory.resident();
      checkpointed.round();
      long againBytes = Memory.highest() - before;
      plain.round();
      long keptBytes = Memory.highest() - before;
      for (int turn = 0; turn < turns; turn++) {
        kept[turn] = Clock.cpuSeconds(plain::round);
        again[turn] = Clock.cpuSeconds(checkpointed::round);
      }
      return List.of(
          new Row(
              "training.checkpoint.speed",
              1 / Clock.median(again),
              "1/CPU-s",
              1 / Clock.median(kept)),
          new Row("training.checkpoint.memory", againBytes / 1e6, "MB", keptBytes / 1e6));
    }
  }
}
