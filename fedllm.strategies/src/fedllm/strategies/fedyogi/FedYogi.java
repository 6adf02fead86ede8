package fedllm.strategies.fedyogi;

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
 * Yogi on the server, with the combined update d in place of a gradient: {@code m = beta1 m + (1 -
 * beta1) d}, {@code v = v - (1 - beta2) d^2 sign(v - d^2)}, {@code next = global + rate m /
 * (sqrt(v) + tau)}; v begins as tau squared. Unlike Adam's, v falls no faster than it rises.
 */
@Component
@Plugin(
    name = "fedyogi",
    does = "Yogi on the server",
    paper = "arXiv:2003.00295",
    options = FedYogi.Config.class,
    is = Trait.STATEFUL)
public final class FedYogi implements ServerOptimizer {

  /** Options. */
  public @interface Config {
    /** The step's size, in units of the values. */
    @Range(above = 0)
    double rate() default 0.01;

    /** How much of the mean of updates stays from round to round. */
    @Range(min = 0, max = 0.9999)
    double beta1() default 0.9;

    /** One minus this share of a square is what v changes by at most. */
    @Range(min = 0, max = 0.9999)
    double beta2() default 0.99;

    /** Keeps small updates from large steps, in units of the values. */
    @Range(above = 0)
    double tau() default 1e-3;
  }

  @Override
  public Descent open(Options options, Scope scope) {
    Config config = options.as(Config.class);
    double rate = config.rate();
    float beta2 = (float) config.beta2();
    return new Adaptive(
        config.beta1(), config.tau(), t -> rate, (v, d, count) -> squares(v, d, beta2, count));
  }

  private static void squares(float[] v, float[] d, float beta2, int count) {
    float rest = 1 - beta2;
    for (int i = 0; i < count; i++) {
      float square = d[i] * d[i];
      v[i] -= rest * square * Math.signum(v[i] - square);
    }
  }
}
