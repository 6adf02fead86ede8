package fedllm.trainers.adafactor;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.learning.base.Bases;
import fedllm.learning.train.BackPropagation;
import fedllm.learning.train.Lessons;
import fedllm.learning.train.Rule;
import fedllm.learning.train.Schedule;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Back-propagation and Adafactor without momentum: of a matrix's second moment it remembers the
 * means of rows and of columns alone, of a vector's all.
 *
 * <pre>
 * β = 1 - t^(-d)          r = β r + (1 - β) mean_columns(g² + ε₁)          c likewise of rows
 * v = r c / mean(r)       u = g / √v       u = u / max(1, rms(u) / D)
 * p = p - α λ p - α u     α = η, or η max(ε₂, rms(p)) where the step is relative
 * </pre>
 */
@Component
@Plugin(
    name = "adafactor",
    does = "trains by back-propagation with Adafactor, which remembers rows and columns",
    paper = "arXiv:1804.04235",
    options = {
      Lessons.Config.class,
      Schedule.Config.class,
      BackPropagation.Config.class,
      Adafactor.Config.class
    })
public final class Adafactor implements Trainer {

  /** Options. */
  public @interface Config {

    /** Learning rate η at its highest. */
    @Range(above = 0)
    double learningRate() default 1e-3;

    /** Whether steps are relative to how large a tensor's values are. */
    boolean relativeStep() default false;

    /** Weight decay λ. */
    @Range(min = 0)
    double weightDecay() default 0;

    /** d, how soon the second moment follows more slowly. */
    @Range(above = 0, max = 1)
    double decay() default 0.8;

    /** D, the root mean square that a step is bounded by. */
    @Range(above = 0)
    double clipUpdate() default 1;

    /** ε₁, what keeps the division finite. */
    @Range(above = 0)
    double epsilon1() default 1e-30;

    /** ε₂, what values count as at least where the step is relative. */
    @Range(above = 0)
    double epsilon2() default 1e-3;
  }

  private static final String STEP =
      """
          torch._foreach_add_(t, 1)
          for i in range(torch.len(p)):
            beta = 1. - torch.pow(float(torch.item(t[i])), NEGATIVE)
            squares = torch.square(g[i]) + EPSILON1
            if torch.ge(torch.dim(p[i]), 2):
              _0 = torch.lerp_(r[i], torch.mean(squares, [-1]), 1. - beta)
              _1 = torch.lerp_(c[i], torch.mean(squares, [-2]), 1. - beta)
              share = torch.div(r[i], torch.mean(r[i], [-1], True))
              v = torch.mul(torch.unsqueeze(share, -1), torch.unsqueeze(c[i], -2))
            else:
              _2 = torch.lerp_(r[i], squares, 1. - beta)
              v = r[i]
            u = torch.mul(g[i], torch.rsqrt(v))
            rms = torch.sqrt(torch.mean(torch.square(u)))
            u = torch.div(u, torch.clamp_min(torch.div(rms, CLIP), 1.))
            alpha = torch.full_like(rms, rate)
            if RELATIVE:
              alpha = alpha * torch.clamp_min(torch.sqrt(torch.mean(torch.square(p[i]))), EPSILON2)
            _3 = torch.sub_(p[i], alpha * (u + p[i] * WEIGHT))
      """;

  private final Bases bases;

  /** Trains on these base models. */
  @Activate
  public Adafactor(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Training open(Options options, Site site) {
    return BackPropagation.open(bases, options, site, rule(options.as(Config.class)));
  }

  static Rule rule(Config config) {
    return new Rule(
        config.learningRate(),
        List.of(
            new Rule.Memory("r", Adafactor::rows),
            new Rule.Memory("c", Adafactor::columns),
            Rule.Memory.number("t")),
        STEP.replace("NEGATIVE", Double.toString(-config.decay()))
            .replace("EPSILON1", Double.toString(config.epsilon1()))
            .replace("EPSILON2", Double.toString(config.epsilon2()))
            .replace("CLIP", Double.toString(config.clipUpdate()))
            .replace("RELATIVE", config.relativeStep() ? "True" : "False")
            .replace("WEIGHT", Double.toString(config.weightDecay())));
  }

  /** All of a vector; of a matrix one number for each row. */
  private static List<Long> rows(List<Long> shape) {
    return shape.size() < 2 ? shape : shape.subList(0, shape.size() - 1);
  }

  /** One number for each column; of a vector one that nobody reads. */
  private static List<Long> columns(List<Long> shape) {
    List<Long> columns = new ArrayList<>();
    if (shape.size() >= 2) {
      columns.addAll(shape.subList(0, shape.size() - 2));
      columns.add(shape.get(shape.size() - 1));
    }
    return columns;
  }
}
