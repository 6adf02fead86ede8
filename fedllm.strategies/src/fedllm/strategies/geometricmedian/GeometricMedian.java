package fedllm.strategies.geometricmedian;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Unit;
import fedllm.strategies.rows.Distances;
import fedllm.strategies.rows.Rows;
import org.osgi.service.component.annotations.Component;

/**
 * Moves towards the point whose distances to the updates have the smallest sum, each weighed by its
 * client's examples, over all tensors together (RFA, smoothed Weiszfeld): {@code v = sum b_i u_i /
 * sum b_i} with {@code b_i = a_i / max(smoothing, |v - u_i|)}, where {@code a_i} are shares of the
 * examples, and v begins as the mean. Half of the examples may belong to liars; who may lie about
 * examples as well needs a rule that does not weigh. Work grows with the square of the members.
 */
@Component
@Plugin(
    name = "geometricmedian",
    does = "the point nearest to all updates, weighed by examples",
    paper = "arXiv:1912.13445",
    options = GeometricMedian.Config.class)
public final class GeometricMedian implements AggregationStrategy {

  /** Options. */
  public @interface Config {
    /** Steps of Weiszfeld's; they cost nothing, since the updates are not read again. */
    @Range(min = 1, max = 10_000)
    int iterations() default 3;

    /** The distance below which an update draws no stronger, in units of the values. */
    @Range(above = 0)
    double smoothing() default 1e-6;
  }

  @Override
  public Aggregation open(Options options, Round round) {
    Config config = options.as(Config.class);
    double examples = round.examples();
    double[] shares =
        round.members().stream()
            .mapToLong(Member::examples)
            .mapToDouble(n -> n / examples)
            .toArray();
    return new Point(new Weiszfeld(shares, config.iterations(), config.smoothing()));
  }

  private static final class Point implements Aggregation {

    private final Weiszfeld weiszfeld;
    private final int members;
    private final Distances distances;
    private double[] weights;

    Point(Weiszfeld weiszfeld) {
      this.weiszfeld = weiszfeld;
      members = weiszfeld.members();
      distances = new Distances(members);
    }

    @Override
    public boolean surveys() {
      return true;
    }

    @Override
    public void survey(Unit unit, Iterable<Part> parts) {
      distances.add(Rows.of(parts, members), unit.length());
    }

    @Override
    public void fold(Unit unit, Iterable<Part> parts, Block out) {
      if (weights == null) {
        weights = weiszfeld.weights(distances::squared);
      }
      out.add(weights, Rows.of(parts, members));
    }
  }
}
