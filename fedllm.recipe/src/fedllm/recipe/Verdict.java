package fedllm.recipe;

import fedllm.shell.Numbers;
import java.util.Locale;
import java.util.Map;

/**
 * A claim as it is measured here.
 *
 * @param number what was measured
 * @param value of the recipe
 * @param against what it is compared with, or empty
 * @param reference of what it is compared with; NaN where there is none
 * @param ratio value / reference; NaN where there is none
 * @param bounds what the value, or the ratio, has to keep, in words
 * @param published the number as published
 * @param holds whether it does
 */
public record Verdict(
    String number,
    double value,
    String against,
    double reference,
    double ratio,
    String bounds,
    String published,
    boolean holds) {

  static Verdict of(Recipe recipe, String baseline, Map<String, Figures> figures) {
    String number = recipe.claim().number();
    double value = figures.get(recipe.name()).number(number);
    return of(recipe, baseline, value, figures.get(baseline).number(number));
  }

  static Verdict of(Recipe recipe, String baseline, double value, double reference) {
    Claim claim = recipe.claim();
    boolean absolute = claim.against().isEmpty();
    double ratio = value / reference;
    return new Verdict(
        claim.number(),
        value,
        baseline,
        reference,
        ratio,
        claim.bounds(),
        claim.published(),
        claim.holds(absolute ? value : ratio));
  }

  @Override
  public String toString() {
    return line("measured") + "\npublished: " + published;
  }

  /** In a line that begins with a name. */
  String line(String name) {
    String says = name + ": " + number + " " + said(value);
    if (!Double.isNaN(reference)) {
      says +=
          String.format(
              Locale.ROOT, "; %s has %s, the ratio is %.3f", against, said(reference), ratio);
    }
    return says + (bounds.isEmpty() ? "" : "; expected " + bounds + (holds ? ": yes" : ": NO"));
  }

  private String said(double amount) {
    return number.startsWith("bytes") || number.endsWith("Bytes")
        ? Numbers.bytes(Math.round(amount))
        : String.format(Locale.ROOT, "%.4g", amount);
  }
}
