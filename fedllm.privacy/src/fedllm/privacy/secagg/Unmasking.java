package fedllm.privacy.secagg;

import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Trait;
import fedllm.api.plugin.Wraps;
import org.osgi.service.component.annotations.Component;

/**
 * Keeps the book of an aggregation in the global state, takes the masks that are left off the sum
 * once they are known, and lets another optimizer step by the mean.
 */
@Component
@Plugin(
    name = "secagg",
    does = "unmasks a sum, and lets another optimizer step by its mean",
    paper = "ePrint:2017/281",
    options = Unmasking.Config.class,
    with = "strategy/secagg",
    is = Trait.STATEFUL)
public final class Unmasking implements ServerOptimizer {

  /** Options. */
  public @interface Config {
    /** The optimizer that steps by the mean, such as {@code add}. */
    @Required
    @Wraps(ServerOptimizer.class)
    String of() default "";
  }

  @Override
  public Descent open(Options options, Scope scope) {
    Choice<ServerOptimizer> of = options.choice("of", ServerOptimizer.class);
    return new BookKeeping(of.plugin().open(of.options(), scope));
  }
}
