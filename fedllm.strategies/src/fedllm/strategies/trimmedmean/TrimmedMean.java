package fedllm.strategies.trimmedmean;

import fedllm.api.error.Refused;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Round;
import fedllm.strategies.rows.Middle;
import fedllm.strategies.rows.Rows;
import org.osgi.service.component.annotations.Component;

/**
 * Drops the {@code b = floor(share * n)} smallest and as many largest values of each coordinate and
 * takes the mean of the others. Where at most {@code b} clients lie, a coordinate stays between the
 * smallest and the largest honest value. Every client counts alike, however many examples it has,
 * or a liar would claim many.
 */
@Component
@Plugin(
    name = "trimmedmean",
    does = "the mean of each coordinate without its extremes, whatever the examples",
    paper = "arXiv:1803.01498",
    options = TrimmedMean.Config.class)
public final class TrimmedMean implements AggregationStrategy {

  /** Options. */
  public @interface Config {
    /** Share of the clients to drop at each end, below a half. */
    @Range(above = 0, max = 0.49)
    double share() default 0.2;
  }

  private static int trim(Options options, int members) {
    return (int) (options.as(Config.class).share() * members + 1e-9); // 0.29 of 100 are 29
  }

  @Override
  public void admit(Options options, int members) {
    if (trim(options, members) == 0) {
      double share = options.as(Config.class).share();
      throw new Refused(
          "trimmedmean: a share of %s drops nobody of %d members; it takes %d, or a larger share"
              .formatted(share, members, (int) Math.ceil(1 / share - 1e-9)));
    }
  }

  @Override
  public Aggregation open(Options options, Round round) {
    int members = round.members().size();
    Middle middle = new Middle(members, trim(options, members));
    return (unit, parts, out) -> middle.addTo(out, Rows.of(parts, members));
  }
}
