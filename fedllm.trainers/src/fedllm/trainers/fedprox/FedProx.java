package fedllm.trainers.fedprox;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Wraps;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.learning.train.Correction;
import fedllm.learning.train.GradientTraining;
import org.osgi.service.component.annotations.Component;

/**
 * Keeps clients near the global state while they learn: the loss has {@code μ/2 |w - w_t|²} more,
 * its gradient {@code μ (w - w_t)}, where the round began at w_t. SGD needs {@code η μ < 2}.
 */
@Component
@Plugin(
    name = "fedprox",
    does = "keeps what another trainer learns near the global state",
    paper = "arXiv:1812.06127",
    options = FedProx.Config.class)
public final class FedProx implements Trainer {

  /** Options. */
  public @interface Config {

    /** The trainer, one that follows gradients. */
    @Required
    @Wraps(Trainer.class)
    String of() default "";

    /** μ, how strong the pull is; 0 for none. */
    @Range(min = 0)
    double mu() default 0.01;
  }

  @Override
  public Training open(Options options, Site site) {
    double mu = options.as(Config.class).mu();
    return GradientTraining.of(options, site)
        .with((from, phase) -> phase.with(Correction.towards(from, mu)));
  }
}
