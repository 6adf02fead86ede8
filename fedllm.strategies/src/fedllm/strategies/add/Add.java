package fedllm.strategies.add;

import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Scope;
import org.osgi.service.component.annotations.Component;

/** Adds the combined update to the global state. */
@Component
@Plugin(name = "add", does = "next = global + rate * update", options = Add.Config.class)
public final class Add implements ServerOptimizer {

  /** Options. */
  public @interface Config {
    /** How much of the update is added. */
    @Range(above = 0)
    double rate() default 1;
  }

  @Override
  public Descent open(Options options, Scope scope) {
    float rate = (float) options.as(Config.class).rate();
    return (unit, global, update, next) -> {
      for (int i = 0; i < unit.length(); i++) {
        next[i] = global[i] + rate * update[i];
      }
    };
  }
}
