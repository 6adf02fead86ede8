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
    /** Everyone who was asked and does not sit out; the lost are waited for. */
    ALL,
    /** Everyone who was asked, does not sit out and is not lost. */
    PRESENT,
    UPDATES,
    PERCENT
  }

  private static final Pattern TEXT = Pattern.compile("([1-9][0-9]{0,8})(%?)");

  static Quorum parse(String text) {
    if (text.equals("all")) {
      return new Quorum(0, Kind.ALL);
    }
    if (text.equals("present")) {
      return new Quorum(0, Kind.PRESENT);
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
            + "'; it can be all, present, a number of updates such as 3, or a share such as 80%");
  }

  /**
   * Updates needed.
   *
   * @param asked clients asked to train
   * @param absent those that sit out
   * @param lost those that are lost, and whose update has not come
   */
  int needed(int asked, int absent, int lost) {
    return switch (kind) {
      case ALL -> Math.max(1, asked - absent);
      case PRESENT -> Math.max(1, asked - absent - lost);
      case UPDATES -> count;
      case PERCENT -> (int) ((asked * (long) count + 99) / 100);
    };
  }

  /** Whether those who are neither needed nor absent are given some time. */
  boolean leavesSome() {
    return kind == Kind.UPDATES || kind == Kind.PERCENT;
  }
}
