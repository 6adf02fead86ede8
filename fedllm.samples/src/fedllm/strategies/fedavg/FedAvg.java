package fedllm.strategies.fedavg;

import fedllm.api.plugin.OneOf;
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
 * m)}, where {@code N} counts the examples so far, or the clients.
 */
@Component
@Plugin(
    name = "fedavg",
    does = "the mean of the updates, weighed by examples, as it runs (sample 0.2.0)",
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
    return (unit, parts, mean) -> {
      double seen = 0;
      for (Part part : parts) {
        double weight = equal ? 1 : part.member().examples();
        seen += weight;
        double share = weight / seen;
        float[] values = part.values();
        for (int i = 0; i < mean.length(); i++) {
          mean.set(i, mean.get(i) + share * (values[i] - mean.get(i)));
        }
      }
    };
  }
}
