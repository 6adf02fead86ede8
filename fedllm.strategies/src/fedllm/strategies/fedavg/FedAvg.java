package fedllm.strategies.fedavg;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Trait;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Round;
import fedllm.strategies.rows.Rows;
import org.osgi.service.component.annotations.Component;

/** Averages what clients learned, each weighed by the number of examples it learned from. */
@Component
@Plugin(
    name = "fedavg",
    does = "the mean of the updates, weighed by examples",
    paper = "arXiv:1602.05629",
    is = Trait.SUMS)
public final class FedAvg implements AggregationStrategy {

  @Override
  public Aggregation open(Options options, Round round) {
    double examples = round.examples();
    double[] weights =
        round.members().stream()
            .mapToLong(Member::examples)
            .mapToDouble(n -> n / examples)
            .toArray();
    return (unit, parts, out) -> out.add(weights, Rows.of(parts, weights.length));
  }
}
