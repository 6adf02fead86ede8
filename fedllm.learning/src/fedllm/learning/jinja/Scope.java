package fedllm.learning.jinja;

import java.util.HashMap;
import java.util.Map;

/** The variables that a place of the template sees, and where its text goes. */
final class Scope {

  private final Scope outer;
  private final Work work;
  private final Output out;
  private final Map<String, Object> values = new HashMap<>();

  Scope(Scope outer, Work work, Output out) {
    this.outer = outer;
    this.work = work;
    this.out = out;
  }

  /** What a loop's body or a macro's sees. */
  Scope inner() {
    return new Scope(this, work, out);
  }

  /** The same variables, with text to {@code other}. */
  Scope into(Output other) {
    return new Scope(this, work, other);
  }

  Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.outer) {
      if (scope.values.containsKey(name)) {
        return scope.values.get(name);
      }
    }
    return new Undefined(name);
  }

  void set(String name, Object value) {
    values.put(name, value);
  }

  Work work() {
    return work;
  }

  Output out() {
    return out;
  }
}
