package fedllm.trainers.ditto;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Trait;
import fedllm.api.plugin.Wraps;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.learning.train.GradientTraining;
import org.osgi.service.component.annotations.Component;

/**
 * Learns twice in each round: the shared w as the trainer inside does, which travels, and a
 * personal v, which stays and is what this client measures.
 *
 * <pre>
 * v = v - η (∇f(v) + λ (v - w))
 * </pre>
 *
 * <p>where w is the round's global state. With λ = 0 v is learned alone, with a large λ it is w;
 * SGD needs {@code η λ < 2}.
 */
@Component
@Plugin(
    name = "ditto",
    does = "learns a personal model beside the shared one, not far from it",
    paper = "arXiv:2012.04221",
    options = Ditto.Config.class,
    is = Trait.STATEFUL)
public final class Ditto implements Trainer {

  /** Options. */
  public @interface Config {

    /** The trainer, one that follows gradients. */
    @Required
    @Wraps(Trainer.class)
    String of() default "";

    /** λ, how strongly the personal model is drawn to the shared one. */
    @Range(min = 0)
    double lambda() default 0.5;
  }

  @Override
  public Training open(Options options, Site site) {
    double lambda = options.as(Config.class).lambda();
    return new Personal(GradientTraining.of(options, site), lambda);
  }
}
