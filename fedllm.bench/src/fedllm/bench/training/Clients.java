package fedllm.bench.training;

import fedllm.bench.Row;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Precision;
import fedllm.learning.base.Route;
import fedllm.models.llama.Llama;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Several clients of one base in one JVM, their memory, and what checkpoints save. */
final class Clients {

  private static final int STEPS = 4;

  private final Path model;
  private final int turns;
  private final int manySteps;

  Clients(Path model, boolean quick) {
    this.model = model;
    this.turns = quick ? 3 : 7;
    this.manySteps = quick ? 100 : 1000;
  }

  List<Row> measure() {
    List<Row> rows = new ArrayList<>();
    Bases bases = new Bases(List.of(new Llama()), Precision.of(Route.BF16));
    rows.addAll(checkpoints(bases));
    try (Learner one = new Learner(bases, model, "bank", STEPS, Map.of())) {
      one.round();
      long before = Memory.anonymous();
      try (Learner two = new Learner(bases, model, "school", STEPS, Map.of())) {
        two.round();
        double baseBytes = Shape.SMALL.weightBytes();
        rows.add(
            new Row(
                "training.secondClient.memory",
                (Memory.anonymous() - before) / 1e6,
                "MB",
                baseBytes / 1e6));
        rows.add(speedUp(one, two));
      }
      rows.add(growth(one));
    }
    return rows;
  }

  private Row speedUp(Learner one, Learner two) {
    double[] alone = new double[turns];
    double[] together = new double[turns];
    for (int turn = 0; turn < turns; turn++) {
      alone[turn] = seconds(List.of(one));
      together[turn] = seconds(List.of(one, two));
    }
    double times = 2 * Clock.median(alone) / Clock.median(together);
    return new Row("training.twoClients.speedup", times, "times", 2);
  }

  private static double seconds(List<Learner> learners) {
    List<Thread> threads = new ArrayList<>();
    for (Learner learner : learners) {
      threads.add(new Thread(learner::round));
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
    return (System.nanoTime() - start) / 1e9;
  }

  private Row growth(Learner learner) {
    for (int i = 0; i < 5; i++) {
      learner.round();
    }
    long before = Memory.anonymous();
    for (int step = 0; step < manySteps; step += STEPS) {
      learner.round();
    }
    long grown = Memory.anonymous() - before;
    return new Row("training." + manySteps + "steps.growth", grown / 1e6, "MB", before / 1e6);
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
