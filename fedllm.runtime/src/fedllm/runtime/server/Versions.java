package fedllm.runtime.server;

import fedllm.api.run.UsedPlugin;
import fedllm.runtime.job.Job;
import fedllm.runtime.job.Spec;
import fedllm.runtime.plugin.Installed;
import fedllm.runtime.plugin.MissingPlugin;
import fedllm.runtime.plugin.Plugins;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which version of each plugin a round uses: the server's newest, and, for plugins that only silos
 * have, the newest that all of those asked have.
 */
final class Versions {

  private final Job job;
  private final Silos silos;

  Versions(Job job, Silos silos) {
    this.job = job;
    this.silos = silos;
  }

  /** Whether every plugin of a crew is the newest that is installed; a missing one throws. */
  boolean areNewest(List<UsedPlugin> used, Plugins plugins) {
    boolean newest = true;
    for (UsedPlugin u : used) {
      Installed now =
          plugins
              .newest(u.kind(), u.name())
              .orElseThrow(() -> new MissingPlugin(u.kind(), u.name(), null));
      newest &= now.info().version().equals(u.version());
    }
    return newest;
  }

  /**
   * The silos that can take part: those with the job's trainer that are here, and those of {@code
   * awaited} that are lost.
   */
  List<String> able(Set<String> awaited) {
    Spec trainer = job.trainer();
    Set<String> candidates = new TreeSet<>(silos.joined());
    candidates.retainAll(awaited);
    candidates.addAll(silos.present());
    return candidates.stream()
        .filter(s -> silos.version(List.of(s), trainer.kind(), trainer.name()).isPresent())
        .toList();
  }

  String whyNobody() {
    List<String> present = silos.present();
    return present.isEmpty()
        ? "none is here"
        : present + " are here, without trainer " + job.trainer().name() + " or not planned";
  }

  /** The plugins of a round; one that nobody has throws. */
  List<UsedPlugin> choose(List<UsedPlugin> crew, Set<String> clients) {
    List<UsedPlugin> used = new ArrayList<>(crew);
    List<Spec> atSilos = new ArrayList<>(List.of(job.trainer()));
    atSilos.addAll(job.others().values());
    atSilos.addAll(job.evaluators());
    for (Spec spec : atSilos) {
      String version =
          silos
              .version(clients, spec.kind(), spec.name())
              .orElseThrow(() -> new MissingPlugin(spec.kind(), spec.name(), null));
      used.add(new UsedPlugin(spec.kind(), spec.name(), version));
    }
    return used;
  }

  /** Versions by {@code kind/name}, as an order names them, as plugins. */
  static List<UsedPlugin> of(Map<String, String> byName) {
    return byName.entrySet().stream()
        .map(
            e -> {
              int slash = e.getKey().indexOf('/');
              return new UsedPlugin(
                  e.getKey().substring(0, slash), e.getKey().substring(slash + 1), e.getValue());
            })
        .toList();
  }

  /** What was swapped, in words. */
  static List<String> changes(Collection<UsedPlugin> before, Collection<UsedPlugin> now) {
    List<String> changes = new ArrayList<>();
    for (UsedPlugin n : now) {
      before.stream()
          .filter(b -> b.kind().equals(n.kind()) && b.name().equals(n.name()))
          .filter(b -> !b.version().equals(n.version()))
          .forEach(b -> changes.add(b + " → " + n.version()));
    }
    return changes;
  }
}
