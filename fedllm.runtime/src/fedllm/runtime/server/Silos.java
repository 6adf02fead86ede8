package fedllm.runtime.server;

import fedllm.api.run.SiloView;
import fedllm.runtime.message.Word;
import fedllm.runtime.plugin.PluginInfo;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.osgi.framework.Version;

/** Who has joined, and who was heard of lately. One thread. */
final class Silos {

  /** A silo beats every second; after so long without a beat it is lost. */
  static final long LOST_MS = 15_000;

  private final Map<String, Here> silos = new TreeMap<>();

  private static final class Here {
    String host = "";
    List<PluginInfo> plugins = List.of();
    Map<String, String> doing = Map.of();
    long heardNs;
    boolean here;
  }

  /** A silo said that it is there; answers whether it was not before. */
  boolean join(String silo, Word.Joined joined) {
    Here here = silos.computeIfAbsent(silo, s -> new Here());
    boolean came = !here.here;
    here.host = joined.host();
    here.plugins = List.copyOf(joined.plugins());
    here.here = true;
    here.heardNs = System.nanoTime();
    return came;
  }

  /**
   * Something came from a silo; answers false from one that has not joined, or is taken as lost.
   */
  boolean heard(String silo) {
    Here here = silos.get(silo);
    if (here == null || !here.here) {
      return false;
    }
    here.heardNs = System.nanoTime();
    return true;
  }

  /** A silo lives; answers whether it was lost before. One that never joined is a stranger. */
  boolean beat(String silo, Word.Beat beat) {
    Here here = silos.get(silo);
    if (here == null) {
      return false;
    }
    boolean came = !here.here;
    here.here = true;
    here.heardNs = System.nanoTime();
    here.doing = beat.doing();
    return came;
  }

  void leave(String silo) {
    Here here = silos.get(silo);
    if (here != null) {
      here.here = false;
    }
  }

  /** While the log cannot be read nobody is heard, which is nobody's fault. */
  void excuse() {
    long now = System.nanoTime();
    silos.values().forEach(here -> here.heardNs = now);
  }

  /** Those that fell silent since the last call, who are lost from now on. */
  List<String> lose() {
    long now = System.nanoTime();
    List<String> lost =
        silos.entrySet().stream()
            .filter(e -> e.getValue().here)
            .filter(e -> now - e.getValue().heardNs > LOST_MS * 1_000_000)
            .map(Map.Entry::getKey)
            .toList();
    lost.forEach(this::leave);
    return lost;
  }

  /** Who is here, in order. */
  List<String> present() {
    return silos.entrySet().stream().filter(e -> e.getValue().here).map(Map.Entry::getKey).toList();
  }

  /** What a silo does for a run, in words. */
  String doing(String silo, String run) {
    Here here = silos.get(silo);
    return here == null ? "" : here.doing.getOrDefault(run, "");
  }

  /** The plugins of all silos that are here. */
  List<PluginInfo> plugins() {
    return silos.values().stream().filter(h -> h.here).flatMap(h -> h.plugins.stream()).toList();
  }

  /** The silos that have a plugin. */
  List<String> having(PluginInfo plugin) {
    return silos.entrySet().stream()
        .filter(e -> e.getValue().here)
        .filter(e -> e.getValue().plugins.stream().anyMatch(p -> p.used().equals(plugin.used())))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * The newest version of a plugin that all of these silos have, or else the newest that one has;
   * who lacks it says so.
   */
  Optional<String> version(Collection<String> of, String kind, String name) {
    Map<String, Long> count =
        of.stream()
            .map(silos::get)
            .flatMap(h -> h.plugins.stream())
            .filter(p -> p.kind().equals(kind) && p.name().equals(name))
            .collect(Collectors.groupingBy(PluginInfo::version, Collectors.counting()));
    Comparator<String> newest = Comparator.comparing(Version::parseVersion);
    return count.keySet().stream()
        .max(
            Comparator.comparing((String version) -> count.get(version) == of.size())
                .thenComparing(newest));
  }

  List<SiloView> views() {
    long now = System.nanoTime();
    return silos.entrySet().stream()
        .map(
            e ->
                new SiloView(
                    e.getKey(),
                    e.getValue().here ? "here" : "lost",
                    (now - e.getValue().heardNs) / 1_000_000,
                    e.getValue().doing.entrySet().stream()
                        .map(d -> d.getKey() + ": " + d.getValue())
                        .collect(Collectors.joining(", ")),
                    e.getValue().host))
        .toList();
  }
}
