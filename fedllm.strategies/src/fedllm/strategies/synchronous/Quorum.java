package fedllm.strategies.synchronous;

import fedllm.api.error.Refused;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many updates close a round.
 *
 * @param count a number of updates, or of percent
 * @param kind what the count counts
 */
record Quorum(int count, Kind kind) {

  enum Kind {
    ALL,
    UPDATES,
    PERCENT
  }

  private static final Pattern TEXT = Pattern.compile("([1-9][0-9]{0,8})(%?)");

  static Quorum parse(String text) {
    if (text.equals("all")) {
      return new Quorum(0, Kind.ALL);
    }
    Matcher matcher = TEXT.matcher(text);
    if (matcher.matches()) {
      int count = Integer.parseInt(matcher.group(1));
      boolean percent = !matcher.group(2).isEmpty();
      if (!percent || count <= 100) {
        return new Quorum(count, percent ? Kind.PERCENT : Kind.UPDATES);
      }
    }
    throw new Refused(
        "synchronous: quorum is '"
            + text
            + "'; it can be all, a number of updates such as 3, or a share such as 80%");
  }

  /**
   * Updates needed.
   *
   * @param asked clients asked to train
   * @param possible those whose update came or can still come
   */
  int needed(int asked, int possible) {
    return switch (kind) {
      case ALL -> Math.max(1, possible);
      case UPDATES -> count;
      case PERCENT -> (int) ((asked * (long) count + 99) / 100);
    };
  }
}
