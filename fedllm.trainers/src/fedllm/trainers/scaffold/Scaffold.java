package fedllm.trainers.scaffold;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Trait;
import fedllm.api.plugin.Wraps;
import fedllm.api.trainer.Site;
import fedllm.api.trainer.Trainer;
import fedllm.api.trainer.Training;
import fedllm.learning.train.GradientTraining;
import org.osgi.service.component.annotations.Component;

/**
 * Takes out of a client's steps what is its own drift, by control variates: c_i, the client's mean
 * gradient, and c, that of all clients.
 *
 * <pre>
 * y = y - η (g - c_i + c)          c_i⁺ = mean of g over the round's steps
 * </pre>
 *
 * <p>That mean is the paper's option II, {@code c_i - c + (x - y) / (K η)}, for plain SGD at one
 * rate, and holds for every rule and schedule. What travels down is x and c, up {@code y - x} and
 * {@code c_i⁺ - c_i}, c in modules {@code fedllm.control}; c_i stays.
 */
@Component
@Plugin(
    name = "scaffold",
    does = "corrects another trainer's gradients by control variates",
    paper = "arXiv:1910.06378",
    options = Scaffold.Config.class,
    with = "optimizer/scaffold",
    is = Trait.STATEFUL)
public final class Scaffold implements Trainer {

  /** Options. */
  public @interface Config {

    /** The trainer, one that follows gradients. */
    @Required
    @Wraps(Trainer.class)
    String of() default "";
  }

  @Override
  public Training open(Options options, Site site) {
    return new Controlled(GradientTraining.of(options, site));
  }
}
