package fedllm.chaos;

import fedllm.runtime.message.Attempt;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the log holds of an order and its answers, in whatever sequence they are read. One thread.
 */
final class RoundLog {

  private final Attempt attempt;
  private Set<String> asked = Set.of();
  private long orderedNs;
  private final Set<String> begun = new TreeSet<>();
  private final Map<String, Integer> chunks = new TreeMap<>();
  private final Set<String> whole = new TreeSet<>();
  private boolean closed;
  private boolean recorded;

  RoundLog(Attempt attempt) {
    this.attempt = attempt;
  }

  void order(Set<String> clients, long nowNs) {
    asked = Set.copyOf(clients);
    orderedNs = nowNs;
  }

  Attempt attempt() {
    return attempt;
  }

  Set<String> asked() {
    return asked;
  }

  long orderedNs() {
    return orderedNs;
  }

  Set<String> begun() {
    return begun;
  }

  Set<String> whole() {
    return whole;
  }

  boolean closed() {
    return closed;
  }

  boolean recorded() {
    return recorded;
  }

  void begin(String silo) {
    begun.add(silo);
  }

  void chunk(String silo) {
    chunks.merge(silo, 1, Integer::sum);
  }

  void manifest(String silo) {
    whole.add(silo);
  }

  void close() {
    closed = true;
  }

  void record() {
    recorded = true;
  }

  /** A silo that has sent a part of its update, and not all; null where there is none. */
  String uploading() {
    return chunks.keySet().stream().filter(s -> !whole.contains(s)).findFirst().orElse(null);
  }

  /** A silo whose update is not whole; null where there is none. */
  String missing() {
    return asked.stream().filter(s -> !whole.contains(s)).sorted().findFirst().orElse(null);
  }

  @Override
  public String toString() {
    String round = "round " + attempt.round() + " ";
    if (recorded) {
      return round + "recorded";
    }
    if (closed) {
      return round + "closed";
    }
    if (begun.isEmpty()) {
      return round + "ordered";
    }
    int sent = chunks.values().stream().mapToInt(Integer::intValue).sum();
    return round
        + "%d of %d begun, %d chunks, %d whole"
            .formatted(begun.size(), asked.size(), sent, whole.size());
  }
}
