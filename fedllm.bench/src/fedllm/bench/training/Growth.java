package fedllm.bench.training;

import fedllm.bench.Row;
import fedllm.format.Dtype;
import fedllm.learning.base.Bases;
import fedllm.learning.base.Precision;
import fedllm.learning.base.Route;
import fedllm.models.llama.Llama;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Whether memory stays as it is while a client takes a thousand steps. */
final class Growth {

  private static final int STEPS = 5;

  /** Of a model so small that a thousand steps take minutes; what leaks leaks here, too. */
  private static final Shape SHAPE = new Shape("6M", 96, 256, 2, 2);

  private final Path folder;
  private final int steps;

  Growth(Path folder, boolean quick) {
    this.folder = folder;
    this.steps = quick ? 100 : 1000;
  }

  List<Row> measure() throws IOException {
    Path model = SHAPE.write(folder, Dtype.BF16);
    Bases bases = new Bases(List.of(new Llama()), Precision.of(Route.BF16));
    try (Learner learner = new Learner(bases, model, "bank", STEPS, Map.of("sequence", 64))) {
      take(learner, 100);
      long before = Memory.outsideHeap();
      take(learner, steps);
      double grown = Memory.outsideHeap() - before;
      return List.of(
          new Row("training.memory." + steps + "steps", grown / 1e6, "MB", before / 1e6));
    }
  }

  private static void take(Learner learner, int steps) {
    for (int step = 0; step < steps; step += STEPS) {
      learner.round();
    }
  }
}
