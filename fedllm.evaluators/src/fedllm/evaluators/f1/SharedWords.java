package fedllm.evaluators.f1;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Words that two texts share, whatever their order, each as often as it is in both. */
final class SharedWords {

  private SharedWords() {}

  /** {@code 2 shared / (written + right)}; of texts without words, whether both have none. */
  static double f1(List<String> written, List<String> right) {
    if (written.isEmpty() || right.isEmpty()) {
      return written.isEmpty() && right.isEmpty() ? 1 : 0;
    }
    Map<String, Integer> left = new HashMap<>();
    right.forEach(word -> left.merge(word, 1, Integer::sum));
    int shared = 0;
    for (String word : written) {
      shared += left.merge(word, -1, Integer::sum) >= 0 ? 1 : 0;
    }
    return 2.0 * shared / (written.size() + right.size());
  }
}
