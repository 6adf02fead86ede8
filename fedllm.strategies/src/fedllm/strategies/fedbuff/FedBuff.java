package fedllm.strategies.fedbuff;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Trait;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Member;
import fedllm.api.strategy.Round;
import fedllm.strategies.rows.Rows;
import org.osgi.service.component.annotations.Component;

/**
 * {@code (1/K) sum d_i / sqrt(1 + tau_i)} over the K updates d of a round, where tau is how many
 * rounds late each is. The paper's server rate is the optimizer's ({@code add} and its {@code
 * rate}), so that any other optimizer may follow. With nobody late and {@code byExamples} it is
 * {@code fedavg}, bit for bit.
 */
@Component
@Plugin(
    name = "fedbuff",
    does = "the mean of the updates, each discounted by the root of its staleness",
    paper = "arXiv:2106.06639",
    options = FedBuff.Config.class,
    is = Trait.SUMS)
public final class FedBuff implements AggregationStrategy {

  /** Options. */
  public @interface Config {
    /** Whether shares of the examples stand in place of the paper's {@code 1/K}. */
    boolean byExamples() default false;
  }

  @Override
  public Aggregation open(Options options, Round round) {
    boolean byExamples = options.as(Config.class).byExamples();
    double examples = round.examples();
    double k = round.members().size();
    double[] weights =
        round.members().stream()
            .mapToDouble(m -> (byExamples ? m.examples() / examples : 1 / k) * discount(m))
            .toArray();
    return (unit, parts, out) -> out.add(weights, Rows.of(parts, weights.length));
  }

  private static double discount(Member member) {
    return 1 / Math.sqrt(1.0 + member.staleness());
  }
}
