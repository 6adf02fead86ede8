package fedllm.recipe;

import fedllm.runtime.job.Yaml;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a paper promises, and the number by which that is looked at here.
 *
 * @param kind what it is about: one of {@link #KINDS}
 * @param says the promise, in words
 * @param published the number as published, or that there is none
 * @param setting what the published number was measured on
 * @param number the name of the number that is measured here, as {@link Figures#number} knows it
 * @param against what it is compared with: {@code alone}, {@code pooled}, another recipe, or empty
 *     where the number stands for itself
 * @param below the number, or its ratio to the other one, has to stay below; null where nothing is
 *     asked
 * @param above the same from below
 */
public record Claim(
    String kind,
    String says,
    String published,
    String setting,
    String number,
    String against,
    Double below,
    Double above) {

  /** What claims are about. */
  static final Set<String> KINDS = Set.of("accuracy", "bytes", "compute", "exactness", "memory");

  static Claim read(Yaml yaml) {
    yaml.only(
        Set.of("kind", "says", "published", "setting", "number", "against", "below", "above"));
    Claim claim =
        new Claim(
            yaml.text("kind", null),
            yaml.text("says", null),
            yaml.text("published", null),
            yaml.text("setting", null),
            yaml.text("number", null),
            yaml.text("against", ""),
            bound(yaml, "below"),
            bound(yaml, "above"));
    if (!KINDS.contains(claim.kind)) {
      throw yaml.refused("kind", "a claim is about one of " + new TreeSet<>(KINDS));
    }
    return claim;
  }

  private static Double bound(Yaml yaml, String key) {
    if (!yaml.has(key)) {
      return null;
    }
    try {
      return Double.valueOf(yaml.text(key, null));
    } catch (NumberFormatException e) {
      throw yaml.refused(key, key + " has to be a number");
    }
  }

  /** Whether a number, or a ratio, is as promised; true where no bound is given. */
  boolean holds(double value) {
    return !Double.isNaN(value)
        && (below == null || value < below)
        && (above == null || value > above);
  }

  /** The bounds in words, or nothing. */
  String bounds() {
    StringBuilder text = new StringBuilder();
    if (below != null) {
      text.append(String.format(Locale.ROOT, "below %s", plain(below)));
    }
    if (above != null) {
      text.append(text.length() == 0 ? "" : " and ");
      text.append(String.format(Locale.ROOT, "above %s", plain(above)));
    }
    return text.toString();
  }

  private static String plain(double bound) {
    return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
  }
}
