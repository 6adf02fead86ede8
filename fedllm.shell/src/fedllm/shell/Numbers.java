package fedllm.shell;

import java.util.Locale;
import java.util.OptionalDouble;

/** Sizes, times and measured numbers in words. */
public final class Numbers {

  private Numbers() {}

  /** Such as {@code 1.2 MB}. */
  public static String bytes(long bytes) {
    String[] units = {"B", "kB", "MB", "GB", "TB"};
    double value = bytes;
    int unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    String form = unit == 0 || value >= 99.95 ? "%.0f %s" : "%.1f %s";
    return String.format(Locale.ROOT, form, value, units[unit]);
  }

  /** Such as {@code 3.2 s} or {@code 12 min}; a question mark while unknown. */
  public static String seconds(double seconds) {
    if (!(seconds >= 0)) {
      return "?";
    }
    if (seconds < 99.95) {
      return String.format(Locale.ROOT, "%.1f s", seconds);
    }
    return seconds < 5970
        ? Math.round(seconds / 60) + " min"
        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }

  /** Such as {@code 2.661}; empty while unknown. */
  public static String metric(OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, "%.3f", value.getAsDouble()) : "";
  }
}
