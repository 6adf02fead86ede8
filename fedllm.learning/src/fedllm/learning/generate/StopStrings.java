package fedllm.learning.generate;

import java.util.List;

/**
 * Lets a text pass up to the first of some stops, which may come in pieces; nothing of a stop
 * passes. Used by one thread.
 */
public final class StopStrings {

  private final List<String> stops;
  private final StringBuilder held = new StringBuilder();
  private boolean stopped;

  /** Stops at the first of these. */
  public StopStrings(List<String> stops) {
    if (stops.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("an empty text stops everything");
    }
    this.stops = List.copyOf(stops);
  }

  /** Takes the next piece, and returns what may pass now. */
  public String pass(String piece) {
    if (stopped) {
      return "";
    }
    held.append(piece);
    int end = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && (end < 0 || at < end)) {
        end = at;
      }
    }
    stopped = end >= 0;
    return take(stopped ? end : held.length() - longestBeginning());
  }

  /** What was held back when nothing comes any more. */
  public String rest() {
    return stopped ? "" : take(held.length());
  }

  /** Whether a stop came. */
  public boolean stopped() {
    return stopped;
  }

  private String take(int length) {
    String passed = held.substring(0, length);
    held.delete(0, length);
    return passed;
  }

  /** How much of the end may turn out to be a stop. */
  private int longestBeginning() {
    int longest = 0;
    for (String stop : stops) {
      for (int n = Math.min(stop.length() - 1, held.length()); n > longest; n--) {
        if (stop.startsWith(held.substring(held.length() - n))) {
          longest = n;
        }
      }
    }
    return longest;
  }
}
