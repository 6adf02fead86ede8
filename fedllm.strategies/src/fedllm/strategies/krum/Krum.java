package fedllm.strategies.krum;

import fedllm.api.error.Refused;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Part;
import fedllm.api.strategy.Round;
import fedllm.api.tensor.Block;
import fedllm.api.tensor.Unit;
import fedllm.strategies.rows.Distances;
import fedllm.strategies.rows.Rows;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.osgi.service.component.annotations.Component;

/**
 * Takes the update that is nearest to its {@code n - f - 2} nearest others, by the sum of squared
 * distances {@code s_i = sum |u_i - u_j|^2} over all tensors; or the mean of the {@code keep} best
 * ones, which is Multi-Krum. Needs {@code n >= 2f + 3} members. Every client counts alike, however
 * many examples it has, or a liar would claim many. Work grows with the square of the members.
 */
@Component
@Plugin(
    name = "krum",
    does = "the update, or the mean of some, nearest to the others, whatever the examples",
    paper = "arXiv:1703.02757",
    options = Krum.Config.class)
public final class Krum implements AggregationStrategy {

  /** Options. */
  public @interface Config {
    /** How many clients may lie: f. */
    @Range(min = 0)
    int byzantine() default 1;

    /** How many updates the mean is of; more than one is Multi-Krum. */
    @Range(min = 1)
    int keep() default 1;
  }

  @Override
  public void admit(Options options, int members) {
    Config config = options.as(Config.class);
    long least = 2L * config.byzantine() + 3;
    if (members < least) {
      throw new Refused(
          "krum: byzantine: %d takes 2 x %1$d + 3 = %d members, and there are %d"
              .formatted(config.byzantine(), least, members));
    }
    if (config.keep() > members - config.byzantine()) {
      throw new Refused(
          "krum: keep: %d is more than the %d - %d members who do not lie"
              .formatted(config.keep(), members, config.byzantine()));
    }
  }

  @Override
  public Aggregation open(Options options, Round round) {
    Config config = options.as(Config.class);
    return new Choice(round.members().size(), config.byzantine(), config.keep());
  }

  private static final class Choice implements Aggregation {

    private final int members;
    private final int byzantine;
    private final int keep;
    private final Distances distances;
    private int[] chosen;

    Choice(int members, int byzantine, int keep) {
      this.members = members;
      this.byzantine = byzantine;
      this.keep = keep;
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
      if (chosen == null) {
        chosen = choose();
      }
      double[] weights = new double[keep];
      Arrays.fill(weights, 1.0 / keep);
      float[][] rows = new float[keep][];
      int member = 0;
      int row = 0;
      for (Part part : parts) {
        if (row < keep && chosen[row] == member++) {
          rows[row++] = part.values(); // nobody else's are decoded
        }
      }
      out.add(weights, rows);
    }

    /** In client order, so that the sum is the same whoever is better. */
    private int[] choose() {
      double[] scores = IntStream.range(0, members).mapToDouble(this::score).toArray();
      return IntStream.range(0, members)
          .boxed()
          .sorted(Comparator.comparingDouble(i -> scores[i])) // stable: the first of equal ones
          .limit(keep)
          .mapToInt(Integer::intValue)
          .sorted()
          .toArray();
    }

    private double score(int i) {
      return IntStream.range(0, members)
          .filter(j -> j != i)
          .mapToDouble(j -> distances.squared(i, j))
          .sorted()
          .limit(members - byzantine - 2L)
          .sum();
    }
  }
}
