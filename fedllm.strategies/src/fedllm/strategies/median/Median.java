package fedllm.strategies.median;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Round;
import fedllm.strategies.rows.Middle;
import fedllm.strategies.rows.Rows;
import org.osgi.service.component.annotations.Component;

/**
 * Takes the median of each coordinate: {@code x_(n/2)} of the sorted values, or the mean of the two
 * in the middle where their number is even. As long as fewer than half of the clients lie, a
 * coordinate stays between the smallest and the largest honest value. Every client counts alike,
 * however many examples it has, or a liar would claim many.
 */
@Component
@Plugin(
    name = "median",
    does = "the median of each coordinate, whatever the examples",
    paper = "arXiv:1803.01498")
public final class Median implements AggregationStrategy {

  @Override
  public Aggregation open(Options options, Round round) {
    int members = round.members().size();
    Middle middle = new Middle(members, (members - 1) / 2);
    return (unit, parts, out) -> middle.addTo(out, Rows.of(parts, members));
  }
}
