package fedllm.learning.jinja;

import java.util.LinkedHashMap;
import java.util.Map;

/** What {@code namespace()} makes: values that a loop's body may set for those after it. */
record Namespace(Map<String, Object> values) {

  Namespace() {
    this(new LinkedHashMap<>());
  }
}
