package fedllm.data.dirichlet;

import fedllm.api.data.Partition;
import fedllm.api.data.Partitioner;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Required;
import fedllm.api.random.Philox;
import fedllm.data.cut.Field;
import fedllm.data.cut.Shares;
import java.util.HashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/**
 * Skews labels: for each label k the parts' shares are drawn, p_k ~ Dir(α, ..., α), and a row of
 * that label goes to part j with probability p_kj. Sizes come out unequal, too. (Hsu et al.,
 * arXiv:1909.06335, draw each part's labels instead, which needs the labels' frequencies first.)
 */
@Component
@Plugin(
    name = "dirichlet",
    does = "cuts a file so that parts differ in their labels",
    paper = "arXiv:1905.12022",
    options = Dirichlet.Config.class)
public final class Dirichlet implements Partitioner {

  /** How skewed. */
  public @interface Config {
    /** The field that holds the label. */
    @Required
    String by() default "";

    /** Concentration α: 100 is nearly even, at 0.1 most parts know few labels. */
    @Range(above = 0, max = 1e6)
    double alpha() default 0.5;
  }

  /** Numbers in memory at most: one for each label and part. */
  private static final int MAX = 1 << 24;

  @Override
  public Partition open(Options options, int parts, long seed) {
    Config config = options.as(Config.class);
    Field field = new Field(config.by());
    Philox rows = Philox.of(seed, 0, "", 0, "dirichlet");
    Map<String, Shares> known = new HashMap<>();
    return (number, row) -> {
      String label = field.of(row);
      Shares shares = known.get(label);
      if (shares == null) {
        if ((known.size() + 1L) * parts > MAX) {
          throw field.tooMany(known.size());
        }
        Philox random = Philox.of(seed, 0, "", 0, "dirichlet/" + label);
        shares = new Shares(new Gamma(random, config.alpha()).proportions(parts));
        known.put(label, shares);
      }
      return shares.part(rows.uniform(number));
    };
  }
}
