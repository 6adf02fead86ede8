package fedllm.runtime.job;

import java.util.Map;

/**
 * A plugin that a job chose.
 *
 * @param kind its kind
 * @param name its name
 * @param options what the job says, without the name; a wrapped plugin is a map
 * @param line where the job says so, 0 for a preset
 */
public record Spec(String kind, String name, Map<String, Object> options, int line) {
  public Spec {
    options = Map.copyOf(options);
  }

  /** A plugin that is taken when a job says nothing. */
  static Spec preset(String kind, String name) {
    return new Spec(kind, name, Map.of(), 0);
  }
}
