package fedllm.runtime.server;

import fedllm.api.run.SiloView;
import fedllm.runtime.message.Word;
import fedllm.runtime.plugin.PluginInfo;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.osgi.framework.Version;

/**
 * Who has joined, and who was heard of lately. Silence is measured by a clock that stands still
 * while the broker does not answer and while the server does not listen, because nobody is heard
 * then, which is nobody's fault. One thread.
 */
final class Silos {

  /** So long may nobody be silent. */
  static final long LOST_MS = Pulse.MOST_MS;

  /** What the clock goes on by, at most, from one answer of the broker to the next. */
  private static final long STEP_MS = 1000;

  private final Map<String, Here> silos = new TreeMap<>();
  private long clockMs;
  private long answeredNs;
  private long awayNs;
  private long patientUntilMs;

  private enum Presence {
    HERE,
    LOST,
    LEFT
  }

  private static final class Here {
    final Pulse pulse = new Pulse();
    String host = "";
    int clients = 1;
    List<PluginInfo> plugins = List.of();
    Map<String, String> doing = Map.of();
    Presence presence = Presence.LEFT;
    long heardNs;

    boolean isHere() {
      return presence == Presence.HERE;
    }
  }

  /**
   * The clock goes on.
   *
   * @param brokerAnsweredNs when the broker answered last, by {@link System#nanoTime}
   * @param brokerAwayNs when it was found back after it had not answered for a while; then
   *     everybody has time to find it again
   */
  void listened(long brokerAnsweredNs, long brokerAwayNs) {
    if (answeredNs != 0) {
      clockMs += Math.min(STEP_MS, (brokerAnsweredNs - answeredNs) / 1_000_000);
    }
    answeredNs = brokerAnsweredNs;
    if (awayNs != brokerAwayNs) {
      awayNs = brokerAwayNs;
      patientUntilMs = clockMs + Pulse.MOST_MS;
    }
  }

  /** A silo said that it is there; answers whether it was not before. */
  boolean join(String silo, Word.Joined joined) {
    Here here = silos.computeIfAbsent(silo, s -> new Here());
    here.host = joined.host();
    here.plugins = List.copyOf(joined.plugins());
    here.clients = Math.max(1, joined.clients());
    here.pulse.comes(clockMs);
    return comes(here);
  }

  /** Whether a silo is here or may come back by itself: it joined, and has not left. */
  boolean knows(String silo) {
    return silos.containsKey(silo) && silos.get(silo).presence != Presence.LEFT;
  }

  /** Something came from a silo that is known; answers whether it was lost before. */
  boolean heard(String silo) {
    Here here = silos.get(silo);
    here.pulse.heard(clockMs);
    return comes(here);
  }

  /** A silo lives; answers whether it was lost before. One that never joined is a stranger. */
  boolean beat(String silo, Word.Beat beat) {
    Here here = silos.get(silo);
    if (here == null) {
      return false;
    }
    here.pulse.beat(clockMs);
    here.doing = beat.doing();
    return comes(here);
  }

  private static boolean comes(Here here) {
    boolean came = !here.isHere();
    here.presence = Presence.HERE;
    here.heardNs = System.nanoTime();
    return came;
  }

  /** Goes, in order. */
  void leave(String silo) {
    Here here = silos.get(silo);
    if (here != null) {
      here.presence = Presence.LEFT;
    }
  }

  /** Those that fell silent since the last call, who are lost from now on. */
  List<String> lose() {
    List<String> lost =
        silos.entrySet().stream()
            .filter(e -> e.getValue().isHere())
            .filter(e -> e.getValue().pulse.silentMs(clockMs) > boundMs(e.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    lost.forEach(silo -> silos.get(silo).presence = Presence.LOST);
    return lost;
  }

  private long boundMs(Here here) {
    return clockMs < patientUntilMs ? Pulse.MOST_MS : here.pulse.boundMs();
  }

  /** Why a silo is not here, in words. */
  String whyAway(String silo) {
    Here here = silos.get(silo);
    return here == null || here.presence == Presence.LEFT
        ? "it left"
        : "nothing was heard of it for " + here.pulse.silentMs(clockMs) / 1000 + " s";
  }

  /** How many clients these silos are or speak for, as far as they have joined. */
  int clients(Collection<String> of) {
    return of.stream().mapToInt(s -> silos.containsKey(s) ? silos.get(s).clients : 1).sum();
  }

  /** Who joined since this server leads, whatever became of it. */
  Set<String> known() {
    return silos.keySet();
  }

  /** Who joined since this server leads and has not left, here or lost. */
  List<String> joined() {
    return silos.keySet().stream().filter(this::knows).toList();
  }

  /** Who is here, in order. */
  List<String> present() {
    return silos.entrySet().stream()
        .filter(e -> e.getValue().isHere())
        .map(Map.Entry::getKey)
        .toList();
  }

  /** What a silo does for a run, in words. */
  String doing(String silo, String run) {
    Here here = silos.get(silo);
    return here == null ? "" : here.doing.getOrDefault(run, "");
  }

  /** The plugins of all silos that are here. */
  List<PluginInfo> plugins() {
    return silos.values().stream().filter(Here::isHere).flatMap(h -> h.plugins.stream()).toList();
  }

  /** The silos that have a plugin. */
  List<String> having(PluginInfo plugin) {
    return silos.entrySet().stream()
        .filter(e -> e.getValue().isHere())
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
                    e.getValue().isHere() ? "here" : "lost",
                    (now - e.getValue().heardNs) / 1_000_000,
                    e.getValue().doing.entrySet().stream()
                        .map(d -> d.getKey() + ": " + d.getValue())
                        .collect(Collectors.joining(", ")),
                    e.getValue().host))
        .toList();
  }
}
