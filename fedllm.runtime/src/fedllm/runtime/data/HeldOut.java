package fedllm.runtime.data;

import fedllm.api.error.Refused;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What of an entry's examples is kept to measure with: those of a file of its own, or a share.
 *
 * @param file null where a share is kept
 * @param share in [0, 1); of the examples, by a hash of each one's text
 * @param limit of a file: at most so many of its examples, a sample by hash; 0 for all
 */
public record HeldOut(Path file, double share, long limit) {

  /** Nothing. */
  public static final HeldOut NOTHING = new HeldOut(null, 0, 0);

  private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9.]+([eE][-+]?[0-9]+)?%?");

  public HeldOut {
    if (!(share >= 0 && share < 1)) {
      throw new Refused("heldOut is " + share + "; a share must be at least 0 and below 1");
    }
    if (file != null && share > 0) {
      throw new Refused("heldOut is a file or a share, not both");
    }
  }

  /** Reads what a job says: a share such as {@code 0.1}, or the path of a file. */
  public static HeldOut parse(String text, long limit) {
    if (!NUMBER.matcher(text).matches()) {
      return new HeldOut(Path.of(text), 0, limit);
    }
    try {
      return new HeldOut(null, Double.parseDouble(text), 0);
    } catch (NumberFormatException e) {
      throw new Refused("heldOut is " + text + "; give a share such as 0.1, or a file", e);
    }
  }
}
