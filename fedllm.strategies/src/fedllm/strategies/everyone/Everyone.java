package fedllm.strategies.everyone;

import fedllm.api.planner.Assignment;
import fedllm.api.planner.Planner;
import fedllm.api.planner.Planning;
import fedllm.api.planner.Task;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Range;
import fedllm.api.plugin.Scope;
import fedllm.api.trainer.Work;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/** Asks the same clients in every round, by default all that are there. */
@Component
@Plugin(
    name = "everyone",
    does = "every client trains in every round, and measures",
    options = Everyone.Config.class)
public final class Everyone implements Planner {

  /** Options. */
  public @interface Config {
    /** Who trains; nobody named means everybody. */
    String[] train() default {};

    /** Who measures; nobody named means everybody. */
    String[] evaluate() default {};

    /** Of each gateway, how many of its clients train in a round: a sample, where it has more. */
    @Range(min = 0)
    int clients() default 0;

    /** Rounds from one measuring to the next; 0 for none. The run's last state always is. */
    @Range(min = 0)
    int evaluateEvery() default 1;
  }

  @Override
  public Planning open(Options options, Scope scope) {
    Config config = options.as(Config.class);
    Map<String, Object> settings =
        config.clients() == 0 ? Map.of() : Map.of(Work.CLIENTS, config.clients());
    return new Asking(
        set(config.train()), set(config.evaluate()), config.evaluateEvery(), settings);
  }

  /** Who is named twice is one. */
  private static Set<String> set(String[] names) {
    return new HashSet<>(List.of(names));
  }

  /** An empty set means everybody. */
  private record Asking(
      Set<String> train, Set<String> evaluate, int evaluateEvery, Map<String, Object> settings)
      implements Planning {

    @Override
    public List<Assignment> plan(int round, List<String> present) {
      boolean measured = evaluateEvery > 0 && (round - 1) % evaluateEvery == 0;
      return assignments(present, true, measured);
    }

    @Override
    public List<Assignment> last(List<String> present) {
      return assignments(present, false, true);
    }

    @Override
    public Set<String> names() {
      Set<String> names = new HashSet<>(train);
      names.addAll(evaluate);
      return names;
    }

    private List<Assignment> assignments(List<String> present, boolean trained, boolean measured) {
      List<Assignment> assignments = new ArrayList<>();
      for (String client : present) {
        Set<Task> tasks = EnumSet.noneOf(Task.class);
        if (trained && isMeant(train, client)) {
          tasks.add(Task.TRAIN);
        }
        if (measured && isMeant(evaluate, client)) {
          tasks.add(Task.EVALUATE);
        }
        if (!tasks.isEmpty()) {
          assignments.add(new Assignment(client, tasks, settings));
        }
      }
      return assignments;
    }

    private static boolean isMeant(Set<String> names, String client) {
      return names.isEmpty() || names.contains(client);
    }
  }
}
