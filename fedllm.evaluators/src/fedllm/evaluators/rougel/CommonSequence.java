package fedllm.evaluators.rougel;

import java.util.List;

/** The longest sequence of words that two texts have in common, with gaps. */
final class CommonSequence {

  private CommonSequence() {}

  /** {@code 2 common / (written + right)}, the harmonic mean of both shares; 0 without words. */
  static double f(List<String> written, List<String> right) {
    int words = written.size() + right.size();
    return words == 0 ? 0 : 2.0 * length(written, right) / words;
  }

  static int length(List<String> first, List<String> second) {
    int[] above = new int[second.size() + 1];
    int[] line = new int[second.size() + 1];
    for (String word : first) {
      for (int i = 0; i < second.size(); i++) {
        line[i + 1] = word.equals(second.get(i)) ? above[i] + 1 : Math.max(line[i], above[i + 1]);
      }
      int[] next = above;
      above = line;
      line = next;
    }
    return above[second.size()];
  }
}
