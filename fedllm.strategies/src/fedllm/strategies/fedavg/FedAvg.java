package fedllm.strategies.fedavg;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Trait;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
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
    return (unit, parts, out) -> {
      for (Part part : parts) {
        out.add(part.member().examples() / examples, part.values());
      }
    };
  }
}
