package fedllm.privacy.secagg;

import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Trait;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Round;
import fedllm.api.strategy.Units;
import fedllm.api.tensor.Schema;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * SecAgg (ePrint:2017/281, with drop-outs): FedAvg's weighed mean, of which the server sees the sum
 * alone. Silo u sends {@code y_u = x_u + PRG(b_u) + sum_{v > u} PRG(s_uv) - sum_{v < u} PRG(s_uv)}
 * in the ring Z_2^32, where x_u are its weighted codes ({@link FixedPoint}), s_uv is agreed by
 * X25519 and b_u its own. Of all y the masks of pairs cancel; b_u of those that are in the sum, and
 * the keys of those that dropped out after they had shared, come back by Shamir's shares: of one
 * silo never both.
 *
 * <p>Holds against a server that follows the protocol and is curious, together with fewer than
 * threshold silos. A server that lies about who advertised or who dropped out is not covered: keys
 * are not signed, and there is no round in which silos compare what they were told; as each silo
 * tells one kind of a silo's shares only and more than half of all are needed, it would have to
 * make a silo forget. A silo that sends rubbish spoils the sum, as it does a plain one. Names,
 * presence, metrics and sizes are seen by all; numbers of examples are not.
 */
@Component
@Plugin(
    name = "secagg",
    does = "the mean weighed by examples, out of a sum that nobody sees unsummed",
    paper = "ePrint:2017/281",
    options = SecAgg.Config.class,
    with = {
      "trainer/secagg",
      "optimizer/secagg",
      "planner/secagg",
      "protocol/secagg",
      "codec:LOSSLESS",
      "guard:LOSSLESS"
    },
    is = Trait.SUMS)
public final class SecAgg implements AggregationStrategy {

  /** Options. */
  public @interface Config {
    /** How many silos it takes to unmask a sum, more than half of those that advertise. */
    @Required
    @Range(min = 2)
    int threshold() default 2;

    /** The bits of one value. */
    @Range(min = 2, max = 24)
    int bits() default 16;

    /** The largest magnitude of a value of an update; what is larger is clipped. */
    @Range(above = 0)
    double clip() default 1;

    /** The most examples of one silo; one that has more sits out. */
    @Range(min = 1)
    int maxWeight() default 1000;
  }

  private static FixedPoint rule(Options options) {
    Config config = options.as(Config.class);
    return new FixedPoint(
        config.threshold(), config.bits(), config.maxWeight(), (float) config.clip());
  }

  @Override
  public void admit(Options options, int members) {
    rule(options).admit(members);
  }

  @Override
  public Units units() {
    return Units.MODULES;
  }

  @Override
  public Schema update(Options options, Schema global, Map<String, Object> settings) {
    return Book.update(global);
  }

  @Override
  public Schema combined(Options options, Round round) {
    return Book.combined(round.schema(), round.members().size());
  }

  @Override
  public Aggregation open(Options options, Round round) {
    int members = round.members().size();
    return switch (Book.phase(round.schema())) {
      case ADVERTISE -> new Folds.Keys(rule(options));
      case SHARE -> new Folds.Shares(Book.silos(round.schema()));
      case MASK -> new Folds.Sums(Book.silos(round.schema()));
      case UNMASK ->
          new Folds.Reveals(Book.silos(round.schema()), rule(options).threshold(), members);
    };
  }
}
