package fedllm.runtime.job;

import fedllm.api.plugin.Plugin;
import fedllm.api.plugin.Trait;
import fedllm.runtime.plugin.PluginInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Whether the plugins that a job names compose, by what they say of each other. */
final class Pairs {

  private final String source;

  /** What the job names, wrapped ones too, and what is known of it. */
  private final Map<Spec, PluginInfo> named = new LinkedHashMap<>();

  Pairs(String source) {
    this.source = source;
  }

  /** The job names this. */
  void add(Spec spec, PluginInfo info) {
    named.put(spec, info);
  }

  /** What does not compose, one line each. */
  List<String> complaints() {
    List<String> wrong = new ArrayList<>();
    named.forEach(
        (spec, info) -> info.with().forEach(rule -> checkRule(spec, Rule.of(rule), wrong)));
    checkAbsolute(wrong);
    return wrong;
  }

  /** As {@link Plugin#with} has it: names of a kind, or a trait that all of a kind have. */
  private record Rule(String kind, List<String> names, String trait) {

    static Rule of(String text) {
      int colon = text.indexOf(':');
      int slash = text.indexOf('/');
      return colon >= 0
          ? new Rule(text.substring(0, colon), List.of(), text.substring(colon + 1))
          : new Rule(
              text.substring(0, slash), Arrays.asList(text.substring(slash + 1).split("\\|")), "");
    }
  }

  private void checkRule(Spec spec, Rule rule, List<String> wrong) {
    if (rule.trait().isEmpty()) {
      if (named.keySet().stream()
          .noneMatch(s -> s.kind().equals(rule.kind()) && rule.names().contains(s.name()))) {
        wrong.add(
            at(spec)
                + "works only with the "
                + rule.kind()
                + " "
                + String.join(" or ", rule.names())
                + "; name it");
      }
      return;
    }
    named.forEach(
        (other, info) -> {
          if (other.kind().equals(rule.kind()) && !info.is().contains(rule.trait())) {
            wrong.add(
                at(spec)
                    + "works only with what is "
                    + rule.trait()
                    + ", and the "
                    + other.kind()
                    + " "
                    + other.name()
                    + " of line "
                    + other.line()
                    + " is not; take another one");
          }
        });
  }

  private String at(Spec spec) {
    return source + ":" + spec.line() + ": " + spec.kind() + " " + spec.name() + " ";
  }

  /** A strategy that combines values, and an optimizer that makes them the state, or neither. */
  private void checkAbsolute(List<String> wrong) {
    Spec strategy = first("strategy");
    Spec optimizer = first("optimizer");
    if (strategy == null || optimizer == null || isAbsolute(strategy) == isAbsolute(optimizer)) {
      return;
    }
    wrong.add(
        at(optimizer)
            + (isAbsolute(strategy)
                    ? "adds to the state, and strategy %s combines values that take its place; take"
                        + " replace"
                    : "puts values in the state's place, and strategy %s combines how far they"
                        + " moved; take add")
                .formatted(strategy.name()));
  }

  private boolean isAbsolute(Spec spec) {
    return named.get(spec).is().contains(Trait.ABSOLUTE.name());
  }

  private Spec first(String kind) {
    return named.keySet().stream().filter(s -> s.kind().equals(kind)).findFirst().orElse(null);
  }
}
