package fedllm.strategies.fedasync;

import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Trait;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Round;
import fedllm.strategies.rows.Rows;
import org.osgi.service.component.annotations.Component;

/**
 * {@code alpha s(tau) d}, where d is what a client learned and tau how many rounds late it is;
 * several that come together are averaged. {@code s} is {@code 1}, {@code (1 + tau)^-a}, or the
 * hinge {@code 1} up to b and {@code 1 / (a (tau - b) + 1)} after it.
 *
 * <p>With {@code add} this is the paper's {@code w = (1 - alpha_t) w + alpha_t w_k} for whoever is
 * in time. Of who is late the paper mixes in the whole model, and so takes back the share {@code
 * alpha_t} of what the others changed meanwhile; updates are differences here, and that stays.
 */
@Component
@Plugin(
    name = "fedasync",
    does = "each update mixed in, the less the later it is",
    paper = "arXiv:1903.03934",
    options = FedAsync.Config.class,
    is = Trait.SUMS)
public final class FedAsync implements AggregationStrategy {

  /** Options. */
  public @interface Config {
    /** The share of an update that is in time. */
    @Range(above = 0, max = 1)
    double alpha() default 0.6;

    /** How it falls with staleness. */
    @OneOf({"constant", "polynomial", "hinge"})
    String staleness() default "polynomial";

    /** How fast it falls: the exponent of {@code polynomial}, the slope of {@code hinge}. */
    @Range(above = 0)
    double a() default 0.5;

    /** Up to so many rounds late nothing is taken off; of {@code hinge} alone. */
    @Range(min = 0)
    double b() default 4;
  }

  @Override
  public Aggregation open(Options options, Round round) {
    Config config = options.as(Config.class);
    double share = config.alpha() / round.members().size();
    double[] weights =
        round.members().stream()
            .mapToDouble(m -> share * discount(config, m.staleness()))
            .toArray();
    return (unit, parts, out) -> out.add(weights, Rows.of(parts, weights.length));
  }

  private static double discount(Config config, int tau) {
    return switch (config.staleness()) {
      case "constant" -> 1;
      case "hinge" -> tau <= config.b() ? 1 : 1 / (config.a() * (tau - config.b()) + 1);
      default -> StrictMath.pow(1.0 + tau, -config.a());
    };
  }
}
