package fedllm.runtime.server;

import fedllm.api.codec.Codec;
import fedllm.api.error.Refused;
import fedllm.api.plugin.Scope;
import fedllm.runtime.job.Closest;
import fedllm.runtime.job.Job;
import fedllm.runtime.job.Spec;
import fedllm.runtime.plugin.Holdings;
import fedllm.runtime.plugin.MissingPlugin;
import fedllm.runtime.plugin.Plugins;
import fedllm.runtime.wire.Chains;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Calls a job's crew together before the job is taken, so that what cannot work is refused. */
final class Rehearsal {

  private Rehearsal() {}

  /**
   * Lets a job pass.
   *
   * @param silos all that this federation knows, here or not
   * @param clients that these are or speak for
   * @throws Refused with the line of what cannot work
   */
  static void of(Job job, Plugins plugins, Collection<String> silos, int clients) {
    checkChain(job.source(), job.up(), plugins);
    checkChain(job.source(), job.down(), plugins);
    try (Crew crew =
        new Crew(job, new Scope("rehearsal", "server", job.seed()), plugins, Map.of())) {
      checkNames(job, crew, silos);
      checkNumber(job, crew, silos.size(), clients);
    } catch (MissingPlugin e) {
      return; // a silo has it; the run waits for it by name, as for one that was taken out
    }
  }

  private static void checkChain(String source, List<Spec> chain, Plugins plugins) {
    checkOrder(source, chain, plugins);
    try (Holdings holdings = new Holdings(plugins, Map.of())) {
      for (Spec link : chain) {
        try {
          Chains.receiving(holdings, List.of(link));
        } catch (Refused e) {
          throw new Refused(source + ":" + link.line() + ": " + e.getMessage(), e);
        } catch (MissingPlugin e) {
          return; // as below
        }
      }
    }
  }

  private static void checkOrder(String source, List<Spec> chain, Plugins plugins) {
    Spec onBytes = null;
    for (Spec link : chain) {
      boolean onValues =
          plugins.newest(link.kind(), link.name()).filter(p -> p.fulfils(Codec.class)).isPresent();
      if (onValues && onBytes != null) {
        throw new Refused(
            "%s:%d: codec %s works on values and has to come before %s, which works on bytes"
                .formatted(source, link.line(), link.name(), onBytes.name()));
      }
      onBytes = onValues ? onBytes : link;
    }
  }

  private static void checkNames(Job job, Crew crew, Collection<String> silos) {
    for (String name : new TreeSet<>(crew.planning().names())) {
      if (!silos.contains(name)) {
        throw new Refused(
            "%s:%d: planner %s: no silo is called %s%s; %s; start it before, or take it out"
                .formatted(
                    job.source(),
                    job.planner().line(),
                    job.planner().name(),
                    name,
                    Closest.hint(name, silos),
                    silos.isEmpty()
                        ? "none has ever joined"
                        : "known are " + new TreeSet<>(silos)));
      }
    }
  }

  private static void checkNumber(Job job, Crew crew, int silos, int clients) {
    try {
      crew.strategy().plugin().admit(crew.strategy().options(), clients);
    } catch (Refused e) {
      throw new Refused(
          "%s:%d: strategy %s; known are %d silos: start more before, or change the options"
              .formatted(job.source(), job.strategy().line(), e.getMessage(), silos),
          e);
    }
  }
}
