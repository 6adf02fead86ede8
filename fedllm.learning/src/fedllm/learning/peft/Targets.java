package fedllm.learning.peft;

import fedllm.api.error.SitsOut;
import fedllm.learning.model.Architecture;
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

  /**
   * The same, or where a job names none, the first group of names that all fit something: what
   * families call the layers where a method usually stands.
   */
  public static List<Site> choose(
      String option, String[] targets, List<List<String>> usual, List<Site> sites) {
    if (targets.length > 0) {
      return choose(option, targets, sites);
    }
    for (List<String> group : usual) {
      if (group.stream().allMatch(name -> sites.stream().anyMatch(at -> fits(name, at)))) {
        return choose(option, group.toArray(String[]::new), sites);
      }
    }
    throw new SitsOut(
        option
            + " should name some of "
            + sites.stream().map(Site::part).distinct().toList()
            + "; this model has none of the usual "
            + usual);
  }

  /** The model's linear layers. */
  public static List<Site> linears(Architecture model) {
    return model.sites().stream().filter(at -> at.kind() == Site.Kind.LINEAR).toList();
  }

  /** The same, and with them those of embedding and head that are meant by a name without *. */
  public static List<Site> linears(Architecture model, List<String> names) {
    return modules(model).stream()
        .filter(
            at ->
                at.kind() == Site.Kind.LINEAR
                    || names.stream().anyMatch(n -> n.indexOf('*') < 0 && fits(n, at)))
        .toList();
  }

  /** The model's linear layers, embedding and head. */
  public static List<Site> modules(Architecture model) {
    Set<Site.Kind> kinds = Set.of(Site.Kind.LINEAR, Site.Kind.EMBEDDING, Site.Kind.LOGITS);
    return model.sites().stream().filter(at -> kinds.contains(at.kind())).toList();
  }

  /**
   * The modules that are to be trained whole: those that a name means, and those inside of what it
   * means, such as both layers of a {@code classifier}.
   *
   * @throws SitsOut when a name means nothing
   */
  public static List<Site> whole(String option, List<String> names, Architecture model) {
    List<Site> modules = modules(model);
    for (String name : names) {
      if (modules.stream().noneMatch(at -> means(name, at))) {
        choose(option, new String[] {name}, modules); // which says what there is
      }
    }
    return modules.stream().filter(at -> names.stream().anyMatch(name -> means(name, at))).toList();
  }

  /** Whether a name means a site, or what the site is inside of. */
  public static boolean means(String name, Site at) {
    for (int to = at.name().length(); to > 0; to = at.name().lastIndexOf('.', to - 1)) {
      if (fits(name, new Site(at.kind(), at.name().substring(0, to), at.in(), at.out()))) {
        return true;
      }
    }
    return false;
  }

  /** Whether a target, as a job writes it, means a site. */
  public static boolean fits(String target, Site at) {
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
