package fedllm.evaluators.cost;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import fedllm.api.evaluator.Evaluation;
import fedllm.api.evaluator.Evaluator;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Work;
import fedllm.learning.base.Bases;
import fedllm.learning.measure.Adapted;
import fedllm.learning.measure.HeldOut;
import fedllm.learning.measure.Spent;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Measures what reading held-out text costs this silo. Joules are no measurement but {@code
 * CPU-seconds * watts}, with the CPU-seconds of all cores of this process; {@code cost} is joules
 * for 1,000 tokens.
 */
@Component
@Plugin(
    name = "cost",
    does = "measures what reading held-out text takes: time, memory, estimated joules",
    options = {HeldOut.Config.class, Cost.Config.class})
public final class Cost implements Evaluator {

  /** What a job may say. */
  public @interface Config {

    /** What a busy core draws, memory and cooling included. */
    @Range(above = 0)
    double watts() default 10;
  }

  private final Bases bases;

  /** Measures on these base models. */
  @Activate
  public Cost(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Evaluation open(Options options, Site site) {
    HeldOut.Config config = options.as(HeldOut.Config.class);
    double watts = options.as(Config.class).watts();
    return new Measuring(
        config, watts, site, bases, Adapted.open(bases, site, config.sequence(), false));
  }

  /** One client's measuring. */
  private record Measuring(
      HeldOut.Config config, double watts, Site site, Bases bases, Adapted adapted)
      implements Evaluation {

    @Override
    public Map<String, Double> evaluate(Work work, Tensors global) {
      long[] tokens = new long[1];
      Spent spent;
      try (NDManager owner = adapted.model().newManager()) {
        NDList values = adapted.model().list(owner, "p", global);
        Spent start = Spent.now();
        HeldOut.read(
            config,
            site,
            work,
            (example, number) -> List.of(adapted.reading().row(example, number)),
            adapted.model().places(),
            batch -> {
              adapted.model().score(batch, values);
              tokens[0] += batch.tokens();
            });
        spent = Spent.now().since(start);
      }
      Map<String, Double> numbers = new TreeMap<>();
      numbers.put("cost", spent.joules(watts) / tokens[0] * 1000);
      numbers.put("costJoules", spent.joules(watts));
      numbers.put("costWatts", watts);
      numbers.put("costSeconds", spent.seconds());
      numbers.put("costCpuSeconds", spent.cpuSeconds());
      numbers.put("costTokens", (double) tokens[0]);
      numbers.put("costTokensPerSecond", tokens[0] / spent.seconds());
      numbers.put("costWeightBytes", (double) bases.bytes());
      Spent.peakBytes().ifPresent(bytes -> numbers.put("costPeakBytes", (double) bytes));
      return numbers;
    }

    @Override
    public void close() {
      adapted.model().close();
    }
  }
}
