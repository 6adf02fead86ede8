package fedllm.runtime.job;

import fedllm.api.error.Refused;
import fedllm.runtime.plugin.OptionSpec;
import fedllm.runtime.plugin.PluginInfo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.osgi.framework.Version;

/** Checks every name and option of a job against the plugins that somebody here has. */
public final class JobCheck {

  private final Collection<PluginInfo> known;

  /** With the plugins of the server and of all silos. */
  public JobCheck(Collection<PluginInfo> known) {
    this.known = known;
  }

  /**
   * Lets a job pass.
   *
   * @throws Refused with everything that is wrong, one line each
   */
  public void check(Job job) {
    List<String> wrong = new ArrayList<>();
    Pairs pairs = new Pairs(job.source());
    for (Spec spec : job.specs()) {
      check(job.source(), spec, job.down().contains(spec) ? new Pairs(job.source()) : pairs, wrong);
    }
    wrong.addAll(pairs.complaints());
    Set<String> measuring = new HashSet<>();
    for (Spec spec : job.evaluators()) {
      if (!measuring.add(spec.name())) {
        wrong.add(
            job.source()
                + ":"
                + spec.line()
                + ": the evaluator "
                + spec.name()
                + " is named twice, and both would report the same numbers; name it once");
      }
    }
    if (!wrong.isEmpty()) {
      throw new Refused(String.join("\n", wrong));
    }
  }

  /**
   * Lets one plugin and its options pass.
   *
   * @param source the file that names it, for messages
   * @throws Refused with everything that is wrong, one line each
   */
  public void check(String source, Spec spec) {
    List<String> wrong = new ArrayList<>();
    check(source, spec, new Pairs(source), wrong);
    if (!wrong.isEmpty()) {
      throw new Refused(String.join("\n", wrong));
    }
  }

  private void check(String source, Spec spec, Pairs found, List<String> wrong) {
    String where = source + ":" + spec.line() + ": ";
    Optional<PluginInfo> newest =
        known.stream()
            .filter(p -> p.kind().equals(spec.kind()) && p.name().equals(spec.name()))
            .max((a, b) -> Version.parseVersion(a.version()).compareTo(new Version(b.version())));
    if (newest.isEmpty()) {
      TreeSet<String> names =
          known.stream()
              .filter(p -> p.kind().equals(spec.kind()))
              .map(PluginInfo::name)
              .collect(Collectors.toCollection(TreeSet::new));
      wrong.add(
          where
              + "no "
              + spec.kind()
              + " is called "
              + spec.name()
              + Closest.hint(spec.name(), names)
              + "; installed are "
              + (names.isEmpty() ? "none" : String.join(", ", names)));
      return;
    }
    found.add(spec, newest.get());
    Map<String, OptionSpec> options = new HashMap<>();
    newest.get().options().forEach(o -> options.put(o.name(), o));
    spec.options()
        .forEach(
            (key, value) -> {
              OptionSpec option = options.get(key);
              if (option == null) {
                wrong.add(
                    where
                        + spec.kind()
                        + " "
                        + spec.name()
                        + " has no option "
                        + key
                        + Closest.hint(key, options.keySet())
                        + (options.isEmpty()
                            ? "; it has none"
                            : "; it has " + String.join(", ", new TreeSet<>(options.keySet()))));
              } else if (option.complaint(value) != null) {
                wrong.add(where + spec.kind() + " " + spec.name() + ": " + option.complaint(value));
              } else if (!option.wraps().isEmpty()) {
                for (Object of : value instanceof List<?> list ? list : List.of(value)) {
                  wrapped(source, spec, option, (Map<?, ?>) of, found, wrong);
                }
              }
            });
    options.values().stream()
        .filter(o -> o.required() && !spec.options().containsKey(o.name()))
        .forEach(
            o ->
                wrong.add(
                    where + spec.kind() + " " + spec.name() + " needs the option " + o.name()));
  }

  private void wrapped(
      String source,
      Spec outer,
      OptionSpec option,
      Map<?, ?> value,
      Pairs found,
      List<String> wrong) {
    Map<String, Object> options = new HashMap<>();
    value.forEach((k, v) -> options.put(String.valueOf(k), v));
    if (options.containsValue(null)) {
      wrong.add(
          source + ":" + outer.line() + ": a value is missing in " + option.name() + ": " + value);
      return;
    }
    if (!(options.remove("name") instanceof String name)) {
      wrong.add(source + ":" + outer.line() + ": " + option.name() + " has no name");
      return;
    }
    check(source, new Spec(option.wraps(), name, options, outer.line()), found, wrong);
  }
}
