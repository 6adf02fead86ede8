package fedllm.strategies.everyone;

import fedllm.api.planner.Assignment;
import fedllm.api.planner.Planner;
import fedllm.api.planner.Planning;
import fedllm.api.planner.Task;
import fedllm.api.plugin.Options;
import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Scope;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/** Asks the same clients in every round, by default all that are there. */
@Component
@Plugin(
    name = "everyone",
    does = "every client trains and measures in every round",
    options = Everyone.Config.class)
public final class Everyone implements Planner {

  /** Options. */
  public @interface Config {
    /** Who trains; nobody named means everybody. */
    String[] train() default {};

    /** Who measures; nobody named means everybody. */
    String[] evaluate() default {};
  }

  @Override
  public Planning open(Options options, Scope scope) {
    Config config = options.as(Config.class);
    Set<String> train = Set.of(config.train());
    Set<String> evaluate = Set.of(config.evaluate());
    return (round, present) -> {
      List<Assignment> assignments = new ArrayList<>();
      for (String client : present) {
        Set<Task> tasks = EnumSet.noneOf(Task.class);
        if (train.isEmpty() || train.contains(client)) {
          tasks.add(Task.TRAIN);
        }
        if (evaluate.isEmpty() || evaluate.contains(client)) {
          tasks.add(Task.EVALUATE);
        }
        if (!tasks.isEmpty()) {
          assignments.add(new Assignment(client, tasks, Map.of()));
        }
      }
      return assignments;
    };
  }
}
