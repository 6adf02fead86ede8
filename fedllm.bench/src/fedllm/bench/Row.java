package fedllm.bench;

import java.util.Locale;

/**
 * One figure.
 *
 * @param name stable, dotted
 * @param value as measured
 * @param unit of value and reference
 * @param reference the limit or peer, measured in the same run
 * @param ratio value / reference
 */
public record Row(String name, double value, String unit, double reference, double ratio) {

  /** A figure beside its reference. */
  public Row(String name, double value, String unit, double reference) {
    this(name, value, unit, reference, value / reference);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "%-40s %12.3f %-8s %12.3f %8.2f", name, value, unit, reference, ratio);
  }
}
