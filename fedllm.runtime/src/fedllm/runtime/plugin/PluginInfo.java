package fedllm.runtime.plugin;

import fedllm.api.run.PluginView;
import fedllm.api.run.UsedPlugin;
import java.util.List;

/** What a node says of a plugin that it has. */
public record PluginInfo(
    String kind,
    String name,
    String version,
    String does,
    String paper,
    List<String> is,
    List<OptionSpec> options) {

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
