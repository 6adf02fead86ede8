package fedllm.runtime.server;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * From where on the log must still hold each topic, for each run; what no run needs is forgotten.
 * Needs end only by an event that the log gave back in this server's own term: a server that was
 * deposed, and does not know it yet, forgets nothing. The server's thread.
 */
final class Retention {

  private final Housekeeper housekeeper;
  private final Places places;
  private final Map<String, Map<String, Long>> needs = new HashMap<>();

  Retention(Housekeeper housekeeper, Places places) {
    this.housekeeper = housekeeper;
    this.places = places;
  }

  /** A run may read a topic from an offset on, and what it needed there before. */
  void need(String run, String topic, long from) {
    needs.computeIfAbsent(topic, t -> new HashMap<>()).merge(run, from, Math::min);
  }

  /** A run reads these topics from these offsets on, and nothing else any more. */
  void needOnly(String run, Map<String, Long> from) {
    Set<String> topics = new HashSet<>(from.keySet());
    needs.forEach(
        (topic, runs) -> {
          if (runs.remove(run) != null) {
            topics.add(topic);
          }
        });
    from.forEach((topic, offset) -> need(run, topic, offset));
    topics.forEach(this::forget);
  }

  /** What silos say while no run needs their topics is forgotten, too. */
  void forgetUnneeded(Collection<String> topics) {
    for (String topic : topics) {
      if (!needs.containsKey(topic)) {
        housekeeper.forget(topic, places.next(topic));
      }
    }
  }

  private void forget(String topic) {
    Map<String, Long> runs = needs.get(topic);
    housekeeper.forget(topic, runs.values().stream().min(Long::compare).orElse(places.next(topic)));
    if (runs.isEmpty()) {
      needs.remove(topic);
    }
  }
}
