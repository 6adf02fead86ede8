package fedllm.runtime.job;

import fedllm.api.error.Refused;
import fedllm.api.guard.Point;
import fedllm.runtime.data.Templates;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads a job's text; what it says of plugins is checked by {@link JobCheck}. */
public final class JobReader {

  /** All keys that a job may have. */
  public static final Set<String> KEYS =
      Set.of(
          "federation",
          "base",
          "data",
          "templates",
          "peft",
          "storage",
          "objective",
          "trainer",
          "strategy",
          "optimizer",
          "codecs",
          "guards",
          "protocol",
          "planner",
          "evaluate",
          "seed",
          "silos",
          "compare",
          "bootstrap");

  /** What only a launcher reads; a federation of several sites has no use for it. */
  public static final Set<String> LAUNCHER = Set.of("silos", "compare", "bootstrap");

  private final String federation;
  private final boolean local;

  /**
   * For one federation.
   *
   * @param local whether the launcher of all silos submits: then paths are fine, they are its own
   */
  public JobReader(String federation, boolean local) {
    this.federation = federation;
    this.local = local;
  }

  /** Reads a job. */
  public Job read(String text, String source) {
    Yaml yaml = Yaml.read(text, source);
    yaml.only(KEYS);
    if (!local) {
      for (String key : LAUNCHER) {
        if (yaml.has(key)) {
          throw yaml.refused(
              key, key + " is for ./fedllm run; here every silo has its own silo.yaml");
        }
      }
    }
    if (yaml.has("federation") && !yaml.text("federation", null).equals(federation)) {
      throw yaml.refused(
          "federation",
          "the job is for " + yaml.text("federation", null) + ", this server is " + federation);
    }
    Map<String, Spec> others = new LinkedHashMap<>();
    for (String kind : List.of("peft", "objective", "storage")) {
      if (yaml.has(kind)) {
        others.put(kind, Spec.of(kind, yaml.item(kind)));
      }
    }
    Yaml codecs = yaml.mapping("codecs");
    if (codecs != null) {
      codecs.only(Set.of("up", "down"));
    }
    return new Job(
        source,
        base(yaml),
        yaml.text("data", "data"),
        templates(yaml),
        required(yaml, "trainer"),
        required(yaml, "strategy"),
        optional(yaml, "optimizer", "add"),
        required(yaml, "protocol"),
        optional(yaml, "planner", "everyone"),
        codecs == null ? List.of() : specs("codec", codecs.items("up")),
        codecs == null ? List.of() : specs("codec", codecs.items("down")),
        guards(yaml),
        specs("evaluator", yaml.items("evaluate")),
        others,
        yaml.number("seed", 0));
  }

  private String base(Yaml yaml) {
    String base = yaml.text("base", "");
    if (!base.contains("/")) {
      return base;
    }
    if (!local) {
      throw yaml.refused(
          "base", "a path means nothing at the silos; name the base as their silo.yaml does");
    }
    return base.substring(base.lastIndexOf('/') + 1);
  }

  private static Map<String, Object> templates(Yaml yaml) {
    Yaml templates = yaml.mapping("templates");
    if (templates == null) {
      return Map.of();
    }
    for (String name : templates.keys()) {
      try {
        Templates.check(name, templates.value(name));
      } catch (Refused e) {
        throw templates.refused(name, e.getMessage());
      }
    }
    return templates.values();
  }

  private static List<Job.Placed> guards(Yaml yaml) {
    List<Job.Placed> guards = new ArrayList<>();
    for (Yaml.Item item : yaml.items("guards")) {
      Spec spec = Spec.of("guard", item);
      Object at = spec.options().getOrDefault("at", Point.SILO_OUT.jobName());
      Point point =
          Arrays.stream(Point.values())
              .filter(p -> p.jobName().equals(at))
              .findFirst()
              .orElseThrow(
                  () ->
                      item.refused(
                          "no guard can stand at "
                              + at
                              + "; the points are "
                              + Arrays.stream(Point.values())
                                  .map(Point::jobName)
                                  .collect(Collectors.joining(", "))));
      Map<String, Object> options = new LinkedHashMap<>(spec.options());
      options.remove("at");
      guards.add(new Job.Placed(new Spec("guard", spec.name(), options, spec.line()), point));
    }
    return guards;
  }

  private static Spec required(Yaml yaml, String kind) {
    if (!yaml.has(kind)) {
      throw yaml.refused(kind, "the key " + kind + " is missing");
    }
    return Spec.of(kind, yaml.item(kind));
  }

  private static Spec optional(Yaml yaml, String kind, String preset) {
    return yaml.has(kind) ? Spec.of(kind, yaml.item(kind)) : Spec.preset(kind, preset);
  }

  private static List<Spec> specs(String kind, List<Yaml.Item> items) {
    return items.stream().map(item -> Spec.of(kind, item)).toList();
  }
}
