package fedllm.runtime.server;

import fedllm.api.planner.Task;
import fedllm.api.strategy.Member;
import fedllm.runtime.message.Attempt;
import fedllm.runtime.message.Event;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** A round that is open: who was asked for what, and what has come. One thread. */
final class Asking {

  private final Attempt attempt;
  private final Map<String, Event.Asked> asked;
  private final Map<String, Arrival> arrivals = new TreeMap<>();
  private final Set<String> reported = new HashSet<>();
  private final Map<String, String> absent = new TreeMap<>();
  private final Map<String, String> lost = new TreeMap<>();
  private final long startedNs;

  /** How the log says that the round closed; null while it is open. */
  private Event.Closed closing;

  /** Of a round whose broadcast began to be sent at {@code startedNs}. */
  Asking(Attempt attempt, Map<String, Event.Asked> asked, long startedNs) {
    this.startedNs = startedNs;
    this.attempt = attempt;
    this.asked = Map.copyOf(asked);
  }

  Attempt attempt() {
    return attempt;
  }

  Map<String, Event.Asked> asked() {
    return asked;
  }

  boolean asks(String client, Task task) {
    return asked.containsKey(client) && asked.get(client).tasks().contains(task);
  }

  /** The round was closed before, by this server or another one: its members are who they are. */
  void closedAs(Event.Closed recorded) {
    closing = recorded;
  }

  /** How the log says that the round closed; null while it is open. */
  Event.Closed closing() {
    return closing;
  }

  /** Whether all are here whom a closed round counts. */
  boolean isComplete() {
    return closing != null && closing.members().keySet().stream().allMatch(this::hasArrived);
  }

  /** Whether something of a client can still count. */
  boolean awaits(String client) {
    boolean open = closing == null || closing.members().containsKey(client);
    return open && asked.containsKey(client) && !absent.containsKey(client) && !hasArrived(client);
  }

  /** Nothing is heard of a client; answers whether that is news that matters. */
  boolean lose(String client, String why) {
    return awaits(client) && lost.put(client, why) == null;
  }

  /** A client is heard of again; answers whether it was lost. */
  boolean find(String client) {
    return lost.remove(client) != null && awaits(client);
  }

  boolean hasArrived(String client) {
    return arrivals.containsKey(client) && arrivals.get(client).whole();
  }

  Arrival arrival(String client) {
    return arrivals.get(client);
  }

  /** A client begins to upload; what it began before is forgotten. */
  void begin(String client, Arrival arrival) {
    arrivals.put(client, arrival);
  }

  void report(String client) {
    reported.add(client);
  }

  /** A client sits out; nothing of it counts any more. */
  void absent(String client, String reason) {
    arrivals.remove(client);
    absent.put(client, reason);
  }

  Map<String, String> absences() {
    return absent;
  }

  /** Why each client that was asked to train is no member, now that the round closes. */
  Map<String, String> nonMembers() {
    Map<String, String> all = new TreeMap<>(absent);
    asked.keySet().stream()
        .filter(client -> asks(client, Task.TRAIN) && awaits(client))
        .forEach(
            client ->
                all.put(
                    client,
                    lost.containsKey(client)
                        ? lost.get(client)
                        : "it came too late: the round closed after %.1f s".formatted(seconds())));
    return all;
  }

  /** Whether every client that was asked to measure has, or sits out. */
  boolean allReported() {
    return asked.keySet().stream()
        .filter(c -> asks(c, Task.EVALUATE))
        .allMatch(c -> reported.contains(c) || absent.containsKey(c) || lost.containsKey(c));
  }

  /** The updates that count, in client order. */
  List<Arrival> members() {
    return arrivals.values().stream().filter(Arrival::whole).toList();
  }

  /** Members that had lost what they remember, in words. */
  List<String> afresh() {
    return members().stream()
        .filter(a -> !a.manifest().afresh().isEmpty())
        .map(
            a ->
                a.member().client()
                    + " lost its private state: "
                    + String.join(", ", a.manifest().afresh())
                    + " started afresh")
        .toList();
  }

  double seconds() {
    return (System.nanoTime() - startedNs) / 1e9;
  }

  /** What each client does, in words. */
  Map<String, String> words(Silos silos) {
    Map<String, String> words = new LinkedHashMap<>();
    for (String client : new TreeMap<>(asked).keySet()) {
      String word;
      if (absent.containsKey(client)) {
        word = "sits out: " + absent.get(client);
      } else if (lost.containsKey(client) && !hasArrived(client)) {
        word = "lost: " + lost.get(client);
      } else if (hasArrived(client)) {
        word = "arrived";
      } else if (!asks(client, Task.TRAIN) && reported.contains(client)) {
        word = "measured";
      } else {
        word = silos.doing(client, attempt.run());
      }
      words.put(client, word);
    }
    return words;
  }

  /** The members as the log records them. */
  Map<String, Event.Counted> counted() {
    Map<String, Event.Counted> counted = new TreeMap<>();
    for (Arrival arrival : members()) {
      Member member = arrival.member();
      counted.put(member.client(), new Event.Counted(member.examples(), arrival.begin()));
    }
    return counted;
  }
}
