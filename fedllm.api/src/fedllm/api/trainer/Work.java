package fedllm.api.trainer;

import java.util.Map;

/**
 * One order, as the worker that fulfils it sees it.
 *
 * @param round the round; 0 before the first
 * @param settings what the planner gave this client, such as a rank
 * @param progress told while the work goes on
 */
public record Work(int round, Map<String, Object> settings, Progress progress) {
  public Work {
    settings = Map.copyOf(settings);
  }
}
