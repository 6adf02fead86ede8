package fedllm.privacy.secagg;

import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Trait;
import fedllm.api.plugin.Wraps;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import java.security.SecureRandom;
import org.osgi.service.component.annotations.Component;

/**
 * Lets another trainer learn, and sends what it learned so that only the sum over all silos can be
 * read; {@link SecAgg} says how. Keys come from the machine's own randomness, never from the job's
 * seed: the masked bytes are others in every run, the sum is the same.
 */
@Component
@Plugin(
    name = "secagg",
    does = "sends what another trainer learned so that only the sum can be read",
    paper = "ePrint:2017/281",
    options = Masking.Config.class,
    with = {"strategy/secagg", "strategy:SUMS"},
    is = Trait.STATEFUL)
public final class Masking implements Trainer {

  /** Options. */
  public @interface Config {
    /** The trainer that learns. */
    @Required
    @Wraps(Trainer.class)
    String of() default "";
  }

  private final SecureRandom random = new SecureRandom();

  @Override
  public Training open(Options options, Site site) {
    Choice<Trainer> of = options.choice("of", Trainer.class);
    return new MaskedTraining(of.plugin().open(of.options(), site), site.scope(), random);
  }
}
