package fedllm.strategies.fedadam;

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
 * Adam on the server, with the combined update d in place of a gradient: {@code m = beta1 m + (1 -
 * beta1) d}, {@code v = beta2 v + (1 - beta2) d^2}, {@code next = global + rate m / (sqrt(v) +
 * tau)}; v begins as tau squared. The paper corrects no bias; {@code biasCorrection} multiplies the
 * rate by {@code sqrt(1 - beta2^t) / (1 - beta1^t)}, as Adam does.
 */
@Component
@Plugin(
    name = "fedadam",
    does = "Adam on the server",
    paper = "arXiv:2003.00295",
    options = FedAdam.Config.class,
    is = Trait.STATEFUL)
public final class FedAdam implements ServerOptimizer {

  /** Options. */
  public @interface Config {
    /** The step's size, in units of the values. */
    @Range(above = 0)
    double rate() default 0.01;

    /** How much of the mean of updates stays from round to round. */
    @Range(min = 0, max = 0.9999)
    double beta1() default 0.9;

    /** How much of the mean of squares stays from round to round. */
    @Range(min = 0, max = 0.9999)
    double beta2() default 0.99;

    /** Keeps small updates from large steps, in units of the values. */
    @Range(above = 0)
    double tau() default 1e-3;

    /** Whether the first rounds' means are made up for having begun as zero. */
    boolean biasCorrection() default false;
  }

  @Override
  public Descent open(Options options, Scope scope) {
    Config config = options.as(Config.class);
    double beta1 = config.beta1();
    double beta2 = config.beta2();
    double rate = config.rate();
    Adaptive.Rate steps =
        config.biasCorrection()
            ? t -> rate * Math.sqrt(1 - StrictMath.pow(beta2, t)) / (1 - StrictMath.pow(beta1, t))
            : t -> rate;
    float keeps = (float) beta2;
    return new Adaptive(beta1, config.tau(), steps, (v, d, count) -> squares(v, d, keeps, count));
  }

  private static void squares(float[] v, float[] d, float beta2, int count) {
    float rest = 1 - beta2;
    for (int i = 0; i < count; i++) {
      v[i] = beta2 * v[i] + rest * (d[i] * d[i]);
    }
  }
}
