package fedllm.strategies.ranks;

import fedllm.api.error.Refused;
import fedllm.api.planner.Assignment;
import fedllm.api.planner.Planner;
import fedllm.api.planner.Planning;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.OneOf;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Stateful;
import fedllm.api.plugin.Trait;
import fedllm.api.plugin.Wraps;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.osgi.service.component.annotations.Component;

/**
 * Gives each client of another planner's orders a rank of its own, as the setting {@code rank}: the
 * client trains the first so many rows and columns of each LoRA factor. Ranks are given by name, or
 * by a rule over the client's place or name; the heavy tails are FlexLoRA's (arXiv:2402.11505). A
 * client whose training says by the metric {@code rank} that fewer are enough is given no more
 * (HetLoRA, arXiv:2401.06432).
 */
@Component
@Plugin(
    name = "ranks",
    does = "gives each client a rank of its own, by name or by a rule",
    paper = "arXiv:2402.11505",
    options = Ranks.Config.class,
    is = Trait.STATEFUL)
public final class Ranks implements Planner {

  /** How often the tail's own rank is drawn. */
  private static final double HEAVY = 0.85;

  /** Options. */
  public @interface Config {
    /** The ranks. */
    @Required
    @Range(min = 1)
    int[] ranks() default {};

    /** Whose they are, a name for each rank; nobody named means by the rule. */
    String[] names() default {};

    /**
     * How ranks are found for clients that are not named: {@code cycle} gives them in turn, in
     * client order; {@code uniform} draws one for each name; {@code light} draws the smallest for
     * 85 % of names, {@code strong} the largest, and any for the others.
     */
    @OneOf({"cycle", "uniform", "light", "strong"})
    String rule() default "cycle";

    /** Who says who takes part. */
    @Wraps(Planner.class)
    String of() default "everyone";
  }

  @Override
  public Planning open(Options options, Scope scope) {
    Config config = options.as(Config.class);
    if (config.ranks().length == 0) {
      throw new Refused("ranks: ranks is empty; give at least one");
    }
    Map<String, Integer> table = new HashMap<>();
    String[] names = config.names();
    if (names.length > 0 && names.length != config.ranks().length) {
      throw new Refused(
          "ranks: there are %d names and %d ranks; give one rank for each name"
              .formatted(names.length, config.ranks().length));
    }
    for (int i = 0; i < names.length; i++) {
      if (table.put(names[i], config.ranks()[i]) != null) {
        throw new Refused("ranks: " + names[i] + " is named twice; name it once");
      }
    }
    Choice<Planner> of = options.choice("of", Planner.class);
    Planning planning = of.plugin().open(of.options(), scope);
    return new Giving(planning, config.ranks().clone(), table, config.rule(), scope);
  }

  private static final class Giving implements Planning, Stateful {

    private final Planning of;
    private final int[] ranks;
    private final Map<String, Integer> table;
    private final String rule;
    private final Scope scope;

    /** Ranks that clients have said to be enough. */
    private final Map<String, Integer> enough = new TreeMap<>();

    Giving(Planning of, int[] ranks, Map<String, Integer> table, String rule, Scope scope) {
      this.of = of;
      this.ranks = ranks;
      this.table = table;
      this.rule = rule;
      this.scope = scope;
    }

    @Override
    public void learned(int round, String client, Map<String, Double> metrics) {
      of.learned(round, client, metrics);
      Double said = metrics.get("rank");
      if (said != null && said >= 1 && said <= Integer.MAX_VALUE) {
        enough.merge(client, said.intValue(), Math::min);
      }
    }

    @Override
    public boolean sends(int round, String module) {
      return of.sends(round, module);
    }

    @Override
    public void snapshot(DataOutput out) throws IOException {
      out.writeInt(enough.size());
      for (Map.Entry<String, Integer> one : enough.entrySet()) {
        out.writeUTF(one.getKey());
        out.writeInt(one.getValue());
      }
    }

    @Override
    public void restore(DataInput in) throws IOException {
      enough.clear();
      for (int left = in.readInt(); left > 0; left--) {
        String client = in.readUTF();
        enough.put(client, in.readInt());
      }
    }

    @Override
    public List<Assignment> plan(int round, List<String> present) {
      return with(of.plan(round, present), present);
    }

    @Override
    public List<Assignment> last(List<String> present) {
      return with(of.last(present), present);
    }

    @Override
    public Set<String> names() {
      Set<String> names = new HashSet<>(table.keySet());
      names.addAll(of.names());
      return names;
    }

    private List<Assignment> with(List<Assignment> plan, List<String> present) {
      return plan.stream()
          .map(
              a -> {
                Map<String, Object> settings = new HashMap<>(a.settings());
                settings.put("rank", rank(a.client(), present));
                return new Assignment(a.client(), a.tasks(), settings);
              })
          .toList();
    }

    private int rank(String client, List<String> present) {
      return Math.min(given(client, present), enough.getOrDefault(client, Integer.MAX_VALUE));
    }

    private int given(String client, List<String> present) {
      if (table.containsKey(client)) {
        return table.get(client);
      }
      if (rule.equals("cycle")) {
        List<String> unnamed = present.stream().filter(c -> !table.containsKey(c)).toList();
        return ranks[unnamed.indexOf(client) % ranks.length];
      }
      var random = scope.random(0, 0, "rank of " + client);
      if (!rule.equals("uniform") && random.uniform(1) < HEAVY) {
        var sorted = Arrays.stream(ranks);
        return rule.equals("light") ? sorted.min().orElseThrow() : sorted.max().orElseThrow();
      }
      return ranks[random.below(0, ranks.length)];
    }
  }
}
