package fedllm.trainers.hetlora;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Wraps;
import fedllm.api.tensor.Tensors;
import fedllm.api.trainer.Learned;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Start;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.api.trainer.Work;
import fedllm.learning.train.GradientTraining;
import fedllm.learning.train.Phase;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * Presses on the last ranks of LoRA's factors, and lets them go where they shrink: the loss has
 * {@code λ sum |B[:, t:]| |A[t:, :]|} more, over all layers, with {@code t = max(least, floor(γ
 * r))}. If that sum is smaller after a round than when the round began, the tail is zero in the
 * update, and the client says by the metric {@code rank} that t ranks are enough; the planner
 * {@code ranks} gives it no more from then on.
 */
@Component
@Plugin(
    name = "hetlora",
    does = "trains by another trainer, and lets LoRA's last ranks go where they shrink",
    paper = "arXiv:2401.06432",
    options = HetLora.Config.class,
    with = "planner/ranks")
public final class HetLora implements Trainer {

  /** The metric by which a client says how many ranks are enough for it. */
  static final String RANK = "rank";

  /** Options. */
  public @interface Config {

    /** The trainer, one that follows gradients. */
    @Required
    @Wraps(Trainer.class)
    String of() default "";

    /** λ, how strong the pressure is. */
    @Range(min = 0)
    double lambda() default 0.01;

    /** γ, the share of ranks that are no tail. */
    @Range(above = 0, max = 0.9999)
    double gamma() default 0.99;

    /** Ranks that a client keeps at least. */
    @Range(min = 1)
    int least() default 1;
  }

  @Override
  public Training open(Options options, Site site) {
    return new Pressing(GradientTraining.of(options, site), options.as(Config.class));
  }

  private record Pressing(GradientTraining of, Config config) implements Training {

    @Override
    public Start initial() {
      return of.initial();
    }

    @Override
    public Tensors view(Work work, Tensors global) {
      return of.view(work, global);
    }

    @Override
    public Learned train(Work work, Tensors global) {
      Tensors mine = of.view(work, global);
      List<Tail> tails = Tail.of(mine.schema(), config.gamma(), config.least());
      Phase phase =
          config.lambda() > 0
              ? Phase.WHOLE.with(Tail.pressure(tails, config.lambda()))
              : Phase.WHOLE;
      Learned moved = of.train(work, mine, phase);
      Tensors after = plus(mine, moved.update());
      double before = Tail.products(tails, mine);
      double now = Tail.products(tails, after);
      int rank = Tail.rank(tails);
      if (now < before) {
        tails.forEach(tail -> tail.clear(after));
        rank = Tail.kept(tails);
      }
      Map<String, Double> metrics = new HashMap<>(moved.metrics());
      metrics.put(RANK, (double) rank);
      metrics.put("tail", now);
      boolean absolute = work.absolute();
      return new Learned(absolute ? after : after.minus(mine), moved.examples(), metrics, absolute);
    }

    private static Tensors plus(Tensors mine, Tensors moved) {
      Tensors sum = mine.copy();
      for (int t = 0; t < sum.schema().tensors().size(); t++) {
        float[] values = sum.values(t);
        for (int i = 0; i < values.length; i++) {
          values[i] += moved.values(t)[i];
        }
      }
      return sum;
    }

    @Override
    public void close() {
      of.close();
    }
  }
}
