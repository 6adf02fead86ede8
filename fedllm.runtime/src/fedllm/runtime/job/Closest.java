package fedllm.runtime.job;

import java.util.Collection;
import java.util.Comparator;

/** The name that somebody may have meant. */
public final class Closest {

  private Closest() {}

  /** {@code "; did you mean x?"}, or nothing when no name is near. */
  public static String hint(String word, Collection<String> names) {
    return names.stream()
        .filter(n -> distance(word, n) <= Math.max(2, word.length() / 3))
        .min(Comparator.comparingInt(n -> distance(word, n)))
        .map(n -> "; did you mean " + n + "?")
        .orElse("");
  }

  /** Levenshtein's edit distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int swap = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(swap, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
