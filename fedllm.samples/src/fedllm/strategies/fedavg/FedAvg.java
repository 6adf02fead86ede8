package fedllm.strategies.fedavg;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Trait;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import org.osgi.service.component.annotations.Component;

/**
 * Averages what clients learned, as a mean that runs from part to part: {@code m += (n / N) (x -
 * m)}, where {@code N} counts the examples so far.
 */
@Component
@Plugin(
    name = "fedavg",
    does = "the mean of the updates, weighed by examples, as it runs (sample 0.2.0)",
    paper = "arXiv:1602.05629",
    is = Trait.SUMS)
public final class FedAvg implements AggregationStrategy {

  @Override
  public Aggregation open(Options options, Round round) {
    return (unit, parts, mean) -> {
      double seen = 0;
      for (Part part : parts) {
        seen += part.member().examples();
        double share = part.member().examples() / seen;
        float[] values = part.values();
        for (int i = 0; i < mean.length(); i++) {
          mean.set(i, mean.get(i) + share * (values[i] - mean.get(i)));
        }
      }
    };
  }
}
