package fedllm.runtime.job;

import java.util.LinkedHashMap;
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

  /** A plugin as {@code name} alone, or as a mapping with its name and options. */
  public static Spec of(String kind, Yaml.Item item) {
    if (item.word() != null) {
      if (item.word().isBlank()) {
        throw item.in().refused(item.key(), kind + " names no plugin");
      }
      return new Spec(kind, item.word(), Map.of(), item.line());
    }
    Yaml mapping = item.mapping();
    Map<String, Object> options = new LinkedHashMap<>(mapping.values());
    options.forEach(
        (key, value) -> {
          if (value == null) {
            throw mapping.refused(key, key + " has no value; give it one, or take the key out");
          }
        });
    String name = mapping.text("name", null);
    options.remove("name");
    return new Spec(kind, name, options, item.line());
  }

  /** A plugin that is taken when a job says nothing. */
  static Spec preset(String kind, String name) {
    return new Spec(kind, name, Map.of(), 0);
  }
}
