package fedllm.learning.peft;

import fedllm.api.error.SitsOut;
import fedllm.learning.model.Site;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Names of sites in a job: a whole name or its last parts, {@code *} for any run of characters. */
public final class Targets {

  private Targets() {}

  /**
   * The sites that any of the targets fits, in the model's order.
   *
   * @param option what the job calls the targets, for messages
   * @throws SitsOut when a target fits none, or there is none
   */
  public static List<Site> choose(String option, String[] targets, List<Site> sites) {
    Set<Site> chosen = new LinkedHashSet<>();
    for (String target : targets) {
      List<Site> fitting = sites.stream().filter(at -> fits(target, at)).toList();
      if (fitting.isEmpty()) {
        throw new SitsOut(
            option
                + ": "
                + target
                + " fits no "
                + (sites.isEmpty()
                    ? "site"
                    : sites.get(0).kind().toString().toLowerCase(Locale.ROOT))
                + " of the model; there are "
                + sites.stream().map(Site::part).distinct().toList());
      }
      chosen.addAll(fitting);
    }
    if (chosen.isEmpty()) {
      throw new SitsOut(option + " names nothing; name a part such as q_proj, or *");
    }
    return sites.stream().filter(chosen::contains).toList();
  }

  private static boolean fits(String target, Site at) {
    String name = at.name();
    for (int from = 0; from >= 0; from = next(name, from)) {
      if (glob(target, 0, name, from)) {
        return true;
      }
    }
    return false;
  }

  /** Where the next part of a dotted name starts, or -1. */
  private static int next(String name, int from) {
    int dot = name.indexOf('.', from);
    return dot < 0 ? -1 : dot + 1;
  }

  private static boolean glob(String target, int t, String name, int n) {
    if (t == target.length()) {
      return n == name.length();
    }
    if (target.charAt(t) == '*') {
      return glob(target, t + 1, name, n) || (n < name.length() && glob(target, t, name, n + 1));
    }
    return n < name.length()
        && target.charAt(t) == name.charAt(n)
        && glob(target, t + 1, name, n + 1);
  }
}
