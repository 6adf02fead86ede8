package fedllm.runtime.server;

import fedllm.api.tensor.Schema;
import fedllm.api.tensor.Unit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A schema's modules, to be found by name in another schema, where their tensors may be others.
 * Where one name stands for several runs of tensors, as two adapters at one site make, the first
 * one belongs to the first, and so on.
 */
final class Modules {

  /** A name, and which of its runs. */
  record Key(String module, int run) {

    @Override
    public String toString() {
      return module + (run == 0 ? "" : " (" + (run + 1) + ")");
    }
  }

  private final List<Unit> units;
  private final List<Key> keys = new ArrayList<>();
  private final Map<Key, Integer> places = new HashMap<>();

  Modules(Schema schema) {
    units = schema.modules();
    Map<String, Integer> runs = new HashMap<>();
    for (Unit unit : units) {
      Key key = new Key(unit.module(), runs.merge(unit.module(), 1, Integer::sum) - 1);
      places.put(key, keys.size());
      keys.add(key);
    }
  }

  int size() {
    return units.size();
  }

  Unit unit(int place) {
    return units.get(place);
  }

  Key key(int place) {
    return keys.get(place);
  }

  /** Where a module stands, or -1. */
  int place(Key key) {
    return places.getOrDefault(key, -1);
  }
}
