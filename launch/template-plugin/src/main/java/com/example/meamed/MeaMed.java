package com.example.meamed;

import fedllm.api.error.Refused;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.strategy.Aggregation;
import fedllm.api.strategy.AggregationStrategy;
import fedllm.api.strategy.Round;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/**
 * Averages the {@code n - byzantine} values that are nearest to the median, in each coordinate. Of
 * two runs of values that are as near, the lower one counts.
 */
@Component
@Plugin(
    name = "meamed",
    does = "the mean of the values nearest to the median, coordinate by coordinate",
    paper = "arXiv:1802.10116",
    options = MeaMed.Config.class)
public final class MeaMed implements AggregationStrategy {

  /** Options. */
  public @interface Config {

    /** How many clients may lie. */
    @Range(min = 0)
    int byzantine() default 1;
  }

  @Override
  public Aggregation open(Options options, Round round) {
    int members = round.members().size();
    int near = members - options.as(Config.class).byzantine();
    double[] column = new double[members];
    return (unit, parts, out) -> {
      List<float[]> rows = new ArrayList<>();
      parts.forEach(part -> rows.add(part.values())); // valid until this returns
      for (int i = 0; i < unit.length(); i++) {
        for (int k = 0; k < members; k++) {
          column[k] = rows.get(k)[i];
        }
        Arrays.sort(column);
        double median = (column[(members - 1) / 2] + column[members / 2]) / 2;
        int from = 0; // of the nearest ones, which stand side by side
        while (from + near < members && column[from + near] - median < median - column[from]) {
          from++;
        }
        out.set(i, Arrays.stream(column, from, from + near).average().orElseThrow());
      }
    };
  }

  @Override
  public void admit(Options options, int members) {
    int byzantine = options.as(Config.class).byzantine();
    if (members < 2 * byzantine + 1) {
      throw new Refused(
          "meamed: with byzantine=%d at least %d members are needed, but there are %d"
              .formatted(byzantine, 2 * byzantine + 1, members));
    }
  }
}
