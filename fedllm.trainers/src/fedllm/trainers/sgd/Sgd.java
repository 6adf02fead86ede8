package fedllm.trainers.sgd;

import fedllm.api.error.SitsOut;
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
 * Back-propagation and stochastic gradient descent, with momentum μ if asked (Polyak 1964), and
 * Nesterov's look ahead if asked:
 *
 * <pre>
 * g = g + λ p          m = μ m + g          p = p - η m, or p - η (g + μ m)
 * </pre>
 */
@Component
@Plugin(
    name = "sgd",
    does = "trains by back-propagation with SGD, with momentum if asked",
    options = {
      Lessons.Config.class,
      Schedule.Config.class,
      BackPropagation.Config.class,
      Sgd.Config.class
    })
public final class Sgd implements Trainer {

  /** Options. */
  public @interface Config {

    /** Learning rate η at its highest. */
    @Range(above = 0)
    double learningRate() default 0.1;

    /** μ, how much of the last step goes on; 0 for none. */
    @Range(min = 0, max = 1)
    double momentum() default 0;

    /** Whether the step looks ahead along the momentum. */
    boolean nesterov() default false;

    /** Weight decay λ, a part of the gradient. */
    @Range(min = 0)
    double weightDecay() default 0;
  }

  private static final String DECAY =
      """
          torch._foreach_add_(g, p, alpha=DECAY)
      """;

  private static final String MOMENTUM =
      """
          torch._foreach_mul_(m, MU)
          torch._foreach_add_(m, g)
      """;

  private static final String AHEAD =
      """
          torch._foreach_add_(g, m, alpha=MU)
          torch._foreach_add_(p, g, alpha=torch.neg(rate))
      """;

  private static final String ALONG =
      """
          torch._foreach_add_(p, m, alpha=torch.neg(rate))
      """;

  private static final String PLAIN =
      """
          torch._foreach_add_(p, g, alpha=torch.neg(rate))
      """;

  private final Bases bases;

  /** Trains on these base models. */
  @Activate
  public Sgd(@Reference Bases bases) {
    this.bases = bases;
  }

  @Override
  public Training open(Options options, Site site) {
    return BackPropagation.open(bases, options, site, rule(options.as(Config.class)));
  }

  static Rule rule(Config config) {
    String text = config.weightDecay() > 0 ? DECAY : "";
    if (config.momentum() == 0) {
      if (config.nesterov()) {
        throw new SitsOut("trainer.nesterov looks ahead along a momentum; set trainer.momentum");
      }
      text += PLAIN;
    } else {
      text += MOMENTUM + (config.nesterov() ? AHEAD : ALONG);
    }
    return new Rule(
        config.learningRate(),
        config.momentum() == 0 ? List.of() : List.of(Rule.Memory.like("m")),
        text.replace("MU", Double.toString(config.momentum()))
            .replace("DECAY", Double.toString(config.weightDecay())));
  }
}
