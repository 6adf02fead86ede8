package fedllm.learning.jinja;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The methods of maps that change nothing. */
final class MapMethods {

  private MapMethods() {}

  /** The method of a name, or null. */
  static Callable of(Map<?, ?> map, String name) {
    return switch (name) {
      case "items" ->
          (work, arguments) -> {
            arguments.of(0);
            return items(work, map);
          };
      case "keys" ->
          (work, arguments) -> {
            arguments.of(0);
            return Values.elements(work, map);
          };
      case "values" ->
          (work, arguments) -> {
            arguments.of(0);
            work.spend(map.size());
            return new ArrayList<>(map.values());
          };
      case "get" ->
          (work, arguments) -> {
            Object[] given = arguments.of(1, "key", "default");
            Object missing = given[1] == Undefined.NOTHING ? null : given[1];
            return map.containsKey(given[0]) ? map.get(given[0]) : missing;
          };
      default -> null;
    };
  }

  /** Pairs of key and value. */
  static List<Object> items(Work work, Map<?, ?> map) {
    List<Object> items = new ArrayList<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      work.spend(2);
      items.add(Arrays.asList(entry.getKey(), entry.getValue()));
    }
    return items;
  }
}
