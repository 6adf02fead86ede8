package fedllm.api.trainer;

import java.util.Map;

/**
 * One order, as the worker that fulfils it sees it.
 *
 * @param round the round; 0 before the first
 * @param rounds how many rounds the run plans; 0 where nobody knows
 * @param settings what the planner gave this client, such as a rank
 * @param progress told while the work goes on
 */
public record Work(int round, int rounds, Map<String, Object> settings, Progress progress) {

  /** The setting by which a server asks for {@link #absolute}. */
  public static final String PAYLOAD = "payload";

  /** Its value. */
  public static final String VALUES = "values";

  public Work {
    settings = Map.copyOf(settings);
  }

  /** The setting that says for how many of its clients a gateway may speak in a round. */
  public static final String CLIENTS = "clients";

  /** Whether the strategy wants the values that the client holds, not how far they moved. */
  public boolean absolute() {
    return VALUES.equals(settings.get(PAYLOAD));
  }

  /** In a run of which nobody knows how long it is. */
  public Work(int round, Map<String, Object> settings, Progress progress) {
    this(round, 0, settings, progress);
  }
}
