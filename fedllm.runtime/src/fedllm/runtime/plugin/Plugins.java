package fedllm.runtime.plugin;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The plugins of this node, as they are now. Safe for many threads. */
public interface Plugins {

  /** All of them, those that are leaving excepted. */
  Collection<Installed> all();

  /** Calls back after every arrival and departure, on any thread; soon done. */
  void onChange(Runnable listener);

  /** The newest version of a plugin. */
  default Optional<Installed> newest(String kind, String name) {
    return all().stream()
        .filter(p -> p.info().kind().equals(kind) && p.info().name().equals(name))
        .max(Comparator.comparing(Installed::version));
  }

  /** One version of a plugin. */
  default Optional<Installed> find(String kind, String name, String version) {
    return all().stream()
        .filter(p -> p.info().kind().equals(kind) && p.info().name().equals(name))
        .filter(p -> p.info().version().equals(version))
        .findFirst();
  }

  /** What is said of all of them, by kind, name and version. */
  default List<PluginInfo> infos() {
    return all().stream()
        .map(Installed::info)
        .sorted(
            Comparator.comparing(PluginInfo::kind)
                .thenComparing(PluginInfo::name)
                .thenComparing(PluginInfo::version))
        .toList();
  }
}
