package fedllm.runtime.plugin;

import fedllm.api.run.PluginView;
import fedllm.api.run.UsedPlugin;
import java.util.List;
import java.util.Objects;
import org.osgi.framework.Version;

/**
 * What a node says of a plugin that it has.
 *
 * @param is its traits
 * @param with what a job has to name beside it, as {@link fedllm.api.plugin.Plugin#with} says
 */
public record PluginInfo(
    String kind,
    String name,
    String version,
    String does,
    String paper,
    List<String> is,
    List<String> with,
    List<OptionSpec> options) {
  public PluginInfo {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(name);
    Version.parseVersion(Objects.requireNonNull(version));
    Objects.requireNonNull(does);
    Objects.requireNonNull(paper);
    is = List.copyOf(is);
    with = with == null ? List.of() : List.copyOf(with); // earlier versions do not say
    options = List.copyOf(options);
  }

  /** For a run's record. */
  public UsedPlugin used() {
    return new UsedPlugin(kind, name, version);
  }

  /** For tables. */
  public PluginView view(List<String> where) {
    return new PluginView(
        kind,
        name,
        version,
        does,
        paper,
        is,
        options.stream().map(OptionSpec::view).toList(),
        where);
  }
}
