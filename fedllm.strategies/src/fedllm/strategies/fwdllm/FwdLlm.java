package fedllm.strategies.fwdllm;

import fedllm.api.optimizer.Descent;
import fedllm.api.optimizer.ServerOptimizer;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Trait;
import org.osgi.service.component.annotations.Component;

/**
 * Descends along estimates of the gradient, once those of enough rounds agree:
 *
 * <pre>
 * a, b: means of the two halves' estimates over all rounds since the state last moved
 * variance = mean of (a - b)^2 / 2, over the first module of the state
 * next = global - rate (a + b) / 2 where variance &lt;= threshold; else global, to the byte
 * </pre>
 *
 * <p>One module is watched, as in the paper, so that nothing is computed twice. Its thresholds are
 * 0.1 to 0.6, for other models and losses than yours: the server's log says each round's variance.
 * The rate rises over the first moves, and falls in a line to 0 where {@code moves} says how many
 * there are to be.
 */
@Component
@Plugin(
    name = "fwdllm",
    does = "descends along estimated gradients once they agree; until then the state stays",
    paper = "arXiv:2308.13894",
    options = FwdLlm.Config.class,
    with = "strategy/halves",
    is = Trait.STATEFUL)
public final class FwdLlm implements ServerOptimizer {

  /** Options. */
  public @interface Config {
    /** The step's size at its highest, in units of the gradient. */
    @Range(above = 0)
    double rate() default 0.01;

    /** The variance up to which the state moves. */
    @Range(min = 0)
    double threshold() default 0.1;

    /** Moves over which the rate rises. */
    @Range(min = 0)
    int warmup() default 0;

    /** Moves after which the rate has fallen to 0; 0 where it does not fall. */
    @Range(min = 0)
    int moves() default 0;
  }

  @Override
  public Descent open(Options options, Scope scope) {
    Config config = options.as(Config.class);
    return new Waiting(config.threshold(), moves -> rate(config, moves));
  }

  /** The rate of a move, 0 for the first. */
  static double rate(Config config, int move) {
    double rise = move < config.warmup() ? (move + 1.0) / (config.warmup() + 1) : 1;
    double left =
        config.moves() == 0 || move < config.warmup()
            ? 1
            : Math.max(0, config.moves() - move)
                / (double) Math.max(1, config.moves() - config.warmup());
    return config.rate() * rise * Math.min(1, left);
  }
}
