package fedllm.trainers.lion;

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
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Back-propagation and Lion, which follows the signs of a momentum and remembers nothing else:
 *
 * <pre>
 * p = p - η (sign(β₁ m + (1 - β₁) g) + λ p)          m = β₂ m + (1 - β₂) g
 * </pre>
 */
@Component
@Plugin(
    name = "lion",
    does = "trains by back-propagation with Lion, which follows signs",
    paper = "arXiv:2302.06675",
    options = {
      Lessons.Config.class,
      Schedule.Config.class,
      BackPropagation.Config.class,
      Lion.Config.class
    })
public final class Lion implements Trainer {

  /** Options. */
  public @interface Config {

    /** Learning rate η at its highest; three to ten times less than AdamW's. */
    @Range(above = 0)
    double learningRate() default 1e-4;

    /** Weight decay λ. */
    @Range(min = 0)
    double weightDecay() default 0;

    /** β₁, how much the momentum counts in a step. */
    @Range(min = 0, max = 1)
    double beta1() default 0.9;

    /** β₂, how slowly the momentum follows. */
    @Range(min = 0, max = 1)
    double beta2() default 0.99;
  }

  private static final String STEP =
      """
          u = torch._foreach_mul(m, BETA1)
          torch._foreach_add_(u, g, alpha=REST1)
          torch._foreach_sign_(u)
          torch._foreach_add_(u, p, alpha=DECAY)
          torch._foreach_add_(p, u, alpha=torch.neg(rate))
          torch._foreach_mul_(m, BETA2)
          torch._foreach_add_(m, g, alpha=REST2)
      """;

  private final Bases bases;

  /** Trains on these base models. */
  @Activate
  public Lion(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Training open(Options options, Site site) {
    return BackPropagation.open(bases, options, site, rule(options.as(Config.class)));
  }

  static Rule rule(Config config) {
    return new Rule(
        config.learningRate(),
        List.of(Rule.Memory.like("m")),
        STEP.replace("BETA1", Double.toString(config.beta1()))
            .replace("REST1", Double.toString(1 - config.beta1()))
            .replace("BETA2", Double.toString(config.beta2()))
            .replace("REST2", Double.toString(1 - config.beta2()))
            .replace("DECAY", Double.toString(config.weightDecay())));
  }
}
