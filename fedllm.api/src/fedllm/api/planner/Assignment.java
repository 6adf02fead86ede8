package fedllm.api.planner;

import java.util.Map;
import java.util.Set;

/**
 * What one client is asked for in a round.
 *
 * @param client its name
 * @param tasks at least one
 * @param settings what it is given, such as a rank; merged over the trainer's and method's options
 */
public record Assignment(String client, Set<Task> tasks, Map<String, Object> settings) {
  public Assignment {
    tasks = Set.copyOf(tasks);
    settings = Map.copyOf(settings);
    if (tasks.isEmpty()) {
      throw new IllegalArgumentException(client + " is asked for nothing");
    }
  }
}
