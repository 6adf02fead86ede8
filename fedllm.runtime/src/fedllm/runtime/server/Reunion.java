package fedllm.runtime.server;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;

/** After a restart: the silos that were there before have a while to come back. One thread. */
final class Reunion {

  private final Set<String> missing;
  private final long untilNs = System.nanoTime() + Silos.LOST_MS * 1_000_000;

  Reunion(Collection<String> before) {
    missing = new TreeSet<>(before);
  }

  /** Whether to wait still, with these silos present. */
  boolean waits(Collection<String> present) {
    missing.removeAll(present);
    return !missing.isEmpty() && System.nanoTime() < untilNs;
  }

  /** Who has not come back. */
  Set<String> missing() {
    return missing;
  }
}
