package fedllm.trainers.adamw;

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
 * Back-propagation, and Adam with decoupled weight decay:
 *
 * <pre>
 * m = β₁ m + (1 - β₁) g          v = β₂ v + (1 - β₂) g²
 * p = p - η λ p - η (m / (1 - β₁ᵗ)) / (√(v / (1 - β₂ᵗ)) + ε)
 * </pre>
 */
@Component
@Plugin(
    name = "adamw",
    does = "trains by back-propagation with AdamW",
    paper = "arXiv:1711.05101",
    options = {
      Lessons.Config.class,
      Schedule.Config.class,
      BackPropagation.Config.class,
      AdamW.Config.class
    })
public final class AdamW implements Trainer {

  /** Options. */
  public @interface Config {

    /** Learning rate η at its highest. */
    @Range(above = 0)
    double learningRate() default 1e-3;

    /** Weight decay λ. */
    @Range(min = 0)
    double weightDecay() default 0.01;

    /** β₁, how slowly the mean of gradients follows. */
    @Range(min = 0, max = 1)
    double beta1() default 0.9;

    /** β₂, how slowly the mean of their squares follows. */
    @Range(min = 0, max = 1)
    double beta2() default 0.999;

    /** ε, what keeps the division finite. */
    @Range(above = 0)
    double epsilon() default 1e-8;
  }

  private static final String STEP =
      """
          torch._foreach_add_(t, 1)
          torch._fused_adamw_(p, g, m, v, annotate(List[Tensor], []), t, lr=rate, beta1=BETA1, beta2=BETA2, weight_decay=DECAY, eps=EPSILON, amsgrad=False, maximize=False)
      """;

  private final Bases bases;

  /** Trains on these base models. */
  @Activate
  public AdamW(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Training open(Options options, Site site) {
    return BackPropagation.open(bases, options, site, rule(options.as(Config.class)));
  }

  static Rule rule(Config config) {
    return new Rule(
        config.learningRate(),
        List.of(Rule.Memory.like("m"), Rule.Memory.like("v"), Rule.Memory.number("t")),
        STEP.replace("BETA1", Double.toString(config.beta1()))
            .replace("BETA2", Double.toString(config.beta2()))
            .replace("DECAY", Double.toString(config.weightDecay()))
            .replace("EPSILON", Double.toString(config.epsilon())));
  }
}
