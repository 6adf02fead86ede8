package fedllm.strategies.fedavg;

import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Trait;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Round;
import fedllm.strategies.rows.Rows;
import java.util.function.ToLongFunction;
import org.osgi.service.component.annotations.Component;

/**
 * Averages what clients learned, each weighed by the number of examples it learned from, or all
 * equally.
 */
@Component
@Plugin(
    name = "fedavg",
    does = "the mean of the updates, weighed by examples",
    paper = "arXiv:1602.05629",
    options = FedAvg.Config.class,
    is = Trait.SUMS)
public final class FedAvg implements AggregationStrategy {

  /** Options. */
  public @interface Config {
    /** What clients are weighed by. */
    @OneOf({"examples", "equal"})
    String weights() default "examples";
  }

  @Override
  public Aggregation open(Options options, Round round) {
    boolean equal = options.as(Config.class).weights().equals("equal");
    ToLongFunction<Member> weight = equal ? member -> 1 : Member::examples;
    double all = round.members().stream().mapToLong(weight).sum();
    double[] weights =
        round.members().stream().mapToLong(weight).mapToDouble(n -> n / all).toArray();
    return (unit, parts, out) -> out.add(weights, Rows.of(parts, weights.length));
  }
}
