package fedllm.strategies.fedadagrad;

import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Trait;
import fedllm.strategies.moments.Adaptive;
import org.osgi.service.component.annotations.Component;

/**
 * Adagrad on the server, with the combined update d in place of a gradient: {@code m = beta1 m + (1
 * - beta1) d}, {@code v = v + d^2}, {@code next = global + rate m / (sqrt(v) + tau)}; v begins as
 * tau squared.
 */
@Component
@Plugin(
    name = "fedadagrad",
    does = "Adagrad on the server",
    paper = "arXiv:2003.00295",
    options = FedAdagrad.Config.class,
    is = Trait.STATEFUL)
public final class FedAdagrad implements ServerOptimizer {

  /** Options. */
  public @interface Config {
    /** The step's size, in units of the values. */
    @Range(above = 0)
    double rate() default 0.01;

    /** How much of the mean of updates stays from round to round. */
    @Range(min = 0, max = 0.9999)
    double beta1() default 0;

    /** Keeps small updates from large steps, in units of the values. */
    @Range(above = 0)
    double tau() default 1e-3;
  }

  @Override
  public Descent open(Options options, Scope scope) {
    Config config = options.as(Config.class);
    double rate = config.rate();
    return new Adaptive(config.beta1(), config.tau(), t -> rate, FedAdagrad::squares);
  }

  private static void squares(float[] v, float[] d, int count) {
    for (int i = 0; i < count; i++) {
      v[i] += d[i] * d[i];
    }
  }
}
