package fedllm.privacy.secagg;

import fedllm.api.planner.Assignment;
import fedllm.api.planner.Planner;
import fedllm.api.planner.Planning;
import fedllm.api.planner.Task;
import fedllm.api.plugin.Choice;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Required;
import fedllm.api.plugin.Scope;
import fedllm.api.plugin.Stateful;
import fedllm.api.plugin.Trait;
import fedllm.api.plugin.Wraps;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/**
 * Asks whom another planner asks in one round in all phases of an aggregation, and sends in each
 * only what it needs: what is learned travels once.
 */
@Component
@Plugin(
    name = "secagg",
    does = "asks whom another planner asks in every phase of an aggregation",
    paper = "ePrint:2017/281",
    options = Turns.Config.class,
    with = "strategy/secagg",
    is = Trait.STATEFUL)
public final class Turns implements Planner {

  /** Options. */
  public @interface Config {
    /** The planner, to which an aggregation is a round, such as {@code everyone}. */
    @Required
    @Wraps(Planner.class)
    String of() default "";
  }

  @Override
  public Planning open(Options options, Scope scope) {
    Choice<Planner> of = options.choice("of", Planner.class);
    return new ByPhase(of.plugin().open(of.options(), scope));
  }

  /** Remembers what the other one does. */
  private record ByPhase(Planning of) implements Planning, Stateful {

    @Override
    public List<Assignment> plan(int round, List<String> present) {
      List<Assignment> plan = of.plan(Phase.aggregation(round), present);
      return Phase.of(round) == Phase.ADVERTISE
          ? plan
          : plan.stream()
              .filter(a -> a.tasks().contains(Task.TRAIN))
              .map(a -> new Assignment(a.client(), Set.of(Task.TRAIN), a.settings()))
              .toList();
    }

    @Override
    public List<Assignment> last(List<String> present) {
      return of.last(present);
    }

    /** Silos measure what they learn when they advertise. */
    @Override
    public void learned(int round, String client, Map<String, Double> metrics) {
      if (Phase.of(round) == Phase.ADVERTISE) {
        of.learned(Phase.aggregation(round), client, metrics);
      }
    }

    @Override
    public void snapshot(DataOutput out) throws IOException {
      if (of instanceof Stateful stateful) {
        stateful.snapshot(out);
      }
    }

    @Override
    public void restore(DataInput in) throws IOException {
      if (of instanceof Stateful stateful) {
        stateful.restore(in);
      }
    }

    @Override
    public Set<String> names() {
      return of.names();
    }

    @Override
    public boolean sends(int round, String module) {
      return switch (Phase.of(round)) {
        case ADVERTISE -> !Book.has(module) && of.sends(Phase.aggregation(round), module);
        case SHARE, MASK -> module.equals(Book.MODULE);
        case UNMASK -> Book.has(module);
      };
    }
  }
}
